package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WeightsTest {
    @Test
    void weightsAreSharesOfTheGreatest() {
        assertThat(Weights.shares(new double[] {1, 2, 4})).containsExactly(0.25, 0.5, 1);
        assertThat(Weights.shares(new double[] {5e300, 1e300})).containsExactly(1, 0.2);
        assertThat(Weights.shares(new double[] {Double.MIN_VALUE, Double.MIN_VALUE}))
                .containsExactly(1, 1);
    }

    @Test
    void allZeroIsAllEqualAndOneZeroIsDrained() {
        assertThat(Weights.shares(new double[] {0, 0})).containsExactly(1, 1);
        assertThat(Weights.shares(new double[] {0, 3})).containsExactly(0, 1);
        try (Lab lab = Lab.of(0, 2, 0, 1)) {
            Weights weights = Weights.of(lab.candidates());
            assertThat(weights.servers).containsExactly(lab.candidate(1), lab.candidate(3));
            assertThat(weights.shares).containsExactly(1, 0.5);
        }
    }

    @Test
    void whatIsNoWeightCountsAsZeroAndInfinityAsTheGreatest() {
        assertThat(Weights.shares(new double[] {Double.NaN, -1, 2})).containsExactly(0, 0, 1);
        assertThat(Weights.shares(new double[] {Double.NaN, -1})).containsExactly(1, 1);
        assertThat(Weights.shares(new double[] {Double.POSITIVE_INFINITY, Double.MAX_VALUE / 2}))
                .containsExactly(1, 0.5);
    }

    /** Armeria #6014: a ramp that began at weight 0 left nobody to pick. Any weight above 0 is a share, and 0 alone works. */
    @Test
    void bug17ARampThatBeginsAtNothingLeavesSomebodyToPick() {
        for (double ramp : new double[] {0, Double.MIN_VALUE, 1e-9, 0.1}) {
            try (Lab lab = Lab.of(ramp, ramp)) {
                for (var balancer : List.of(
                        Balancers.weightedRoundRobin(), Balancers.weightedRandom(), Balancers.powerOfTwoChoices())) {
                    assertThat(lab.counts(lab.picker(balancer), 1000)).doesNotContain(0);
                }
            }
        }
    }

    @Test
    void aDrawIsInItsRangeAndEven() {
        SplittableRandom random = new SplittableRandom(3);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++) {
            counts[Draw.below(7, random.nextLong())]++;
        }
        assertThat(ChiSquare.ofCritical(counts, new double[] {1, 1, 1, 1, 1, 1, 1}))
                .isLessThan(1);
        assertThat(Draw.below(7, -1)).isEqualTo(6);
        assertThat(Draw.below(7, 0)).isZero();
        assertThat(Draw.unit(-1)).isLessThan(1);
        assertThat(Draw.unit(0)).isZero();
    }

    @Test
    void spreadTurnsFillTheIntervalEvenly() {
        for (int start : new int[] {0, 1_000_000, Integer.MAX_VALUE - 500, -500}) {
            int[] counts = new int[10];
            for (int i = 0; i < 1000; i++) {
                counts[(int) (Draw.spread(start + i) * 10)]++;
            }
            for (int count : counts) {
                assertThat(count).isBetween(97, 103);
            }
        }
    }
}
