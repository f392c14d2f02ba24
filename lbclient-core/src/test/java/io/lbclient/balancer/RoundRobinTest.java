package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundRobinTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.roundRobin();
    }

    @Override
    boolean takesTurns() {
        return true;
    }

    @Override
    double[] shares(double[] weights) {
        double[] shares = Weights.shares(weights);
        for (int i = 0; i < shares.length; i++) {
            shares[i] = shares[i] > 0 ? 1 : 0;
        }
        return shares;
    }

    /** ServiceTalk #3588: the turn became an index before the modulo, and negative after 2^31 picks. */
    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE - 5, Integer.MIN_VALUE, -6, -1})
    void bug1NoIndexIsEverNegative(int start) {
        for (double[] weights : new double[][] {{1, 1, 1}, {5, 1, 1}, {Math.PI, Math.E, 1}}) {
            try (Lab lab = Lab.of(weights)) {
                for (Balancer any : List.of(balancer(), Balancers.weightedRoundRobin(), Balancers.staticStride())) {
                    Balancer.Picker picker = any.picker(lab.candidates(), at(start));
                    for (int i = 0; i < 20; i++) {
                        assertThat(lab.index(picker.pick(lab))).isBetween(0, 2);
                    }
                }
            }
        }
    }

    @Test
    void theOrderGoesOnAcrossTheSignBitAndJumpsOnlyAtTheEnd() {
        try (Lab lab = Lab.equal(3)) {
            Balancer.Picker signBit = balancer().picker(lab.candidates(), at(Integer.MAX_VALUE - 3));
            assertThat(lab.order(signBit, 9)).isEqualTo("1 2 0 1 2 0 1 2 0");
            Balancer.Picker end = balancer().picker(lab.candidates(), at(-4));
            assertThat(lab.order(end, 9)).isEqualTo("0 1 2 0 0 1 2 0 1");
        }
    }

    /** The third server comes and goes every three picks; a turn by number alone would favour some by a third. */
    @Test
    void aServerThatComesAndGoesDoesNotUpsetTheOrderOfTheOthers() {
        try (Lab lab = Lab.equal(10)) {
            List<Candidate> all = lab.candidates();
            List<Candidate> without = new ArrayList<>(all);
            without.remove(2);
            int[] counts = new int[10];
            Balancer.Picker picker = null;
            for (int i = 0; i < 30_000; i++) {
                if (i % 3 == 0) {
                    picker = balancer().picker(i % 6 == 0 ? all : without, picker);
                }
                counts[lab.index(picker.pick(lab))]++;
            }
            for (int i = 0; i < 10; i++) {
                if (i != 2) {
                    assertThat(counts[i]).isBetween(3000, 3400);
                }
            }
        }
    }

    /** gRPC-Java #4462: pickers that restarted at the first server gave the early ones three to four times the load. */
    @Test
    void bug23RebuildingDoesNotRestartAtTheFirstServer() {
        try (Lab lab = Lab.equal(7)) {
            Balancer.Picker picker = lab.picker(balancer());
            int expected = lab.index(picker.pick(lab));
            for (int i = 0; i < 100; i++) {
                picker = balancer().picker(lab.candidates(), picker);
                expected = (expected + 1) % 7;
                assertThat(lab.index(picker.pick(lab))).isEqualTo(expected);
            }
        }
    }
}
