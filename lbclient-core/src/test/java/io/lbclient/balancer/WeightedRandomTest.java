package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WeightedRandomTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.weightedRandom();
    }

    @Override
    int mostDraws(int servers) {
        return 1;
    }

    @Test
    void theTableHoldsExactlyTheShares() {
        double[] shares = {1, 0.25, 0.125, 0.5};
        AliasTable table = new AliasTable(shares);
        int[] counts = new int[shares.length];
        int cells = 4 * 1024;
        for (int column = 0; column < 4; column++) {
            for (int part = 0; part < 1024; part++) {
                // The middle of each of the cells into which column and part divide the square.
                long upper = (column * 2L + 1) * (1L << 32) / 8;
                long lower = (part * 2L + 1) << 21;
                counts[table.at(upper << 32 | lower)]++;
            }
        }
        for (int i = 0; i < shares.length; i++) {
            assertThat((double) counts[i]).isBetween(cells * shares[i] / 1.875 - 4, cells * shares[i] / 1.875 + 4);
        }
    }

    /** Armeria #4219: the weighted selector went round for ever. Building and drawing end, whatever the weights. */
    @Test
    void bug16NoWeightsTrapTheTable() {
        double[] odd = {
            0, Double.MIN_VALUE, 1e-300, 1, 1e300, Double.MAX_VALUE, Double.NaN, Double.POSITIVE_INFINITY, -1
        };
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 2000; round++) {
            double[] weights = new double[1 + random.nextInt(6)];
            Arrays.setAll(weights, i -> odd[random.nextInt(odd.length)]);
            double[] shares =
                    Arrays.stream(Weights.shares(weights)).filter(s -> s > 0).toArray();
            AliasTable table = new AliasTable(shares);
            for (int i = 0; i < 100; i++) {
                assertThat(table.at(random.nextLong())).isBetween(0, shares.length - 1);
            }
        }
    }
}
