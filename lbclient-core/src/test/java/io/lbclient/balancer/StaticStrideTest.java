package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.Threads;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticStrideTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.staticStride();
    }

    @Override
    boolean takesTurns() {
        return true;
    }

    @Override
    double[] shares(double[] weights) {
        return withinGrpcsBounds(weights);
    }

    private static StaticStride scheduler(Lab lab, int start, double... weights) {
        return StaticStride.bounded(lab.candidates().toArray(Candidate[]::new), weights, Position.startingAt(start));
    }

    /** Source: StaticStrideScheduler's tests in grpc-java. Minus one is the last value before the wrap. */
    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void a58PicksAndSequenceValues(int start) {
        try (Lab lab = Lab.equal(3)) {
            StaticStride scheduler = scheduler(lab, start, 2, 3, 6);
            int[] picks = {1, 2, 2, 0, 1, 2};
            int[] sequence = {2, 3, 6, 7, 8, 9};
            for (int i = 0; i < picks.length; i++) {
                assertThat(lab.index(scheduler.pick(lab))).isEqualTo(picks[i]);
                assertThat(scheduler.position().upcoming()).isEqualTo(sequence[i]);
            }
        }
    }

    /** Computed from the steps of A58. */
    @ParameterizedTest
    @CsvSource({
        "2 3 6, 1 2 2 0 1 2 2 1 2 0 2 1 2 2",
        "5 1 1, 0 2 0 0 1 0 0 0 2 0 0 1 0 0",
        "1 2, 1 0 1 1 0 1 1 0 1 1 0 1 1 0",
        "1 0 3, 1 2 2 0 1 2 1 2 2 0 1 2 1 2",
    })
    void a58Order(String weights, String order) {
        double[] numbers = WeightedRoundRobinTest.numbers(weights);
        try (Lab lab = Lab.equal(numbers.length)) {
            assertThat(lab.order(scheduler(lab, 0, numbers), 14)).isEqualTo(order);
        }
    }

    @Test
    void a58Scaling() {
        try (Lab lab = Lab.equal(3)) {
            StaticStride scheduler = scheduler(lab, 0, 2, 3, 6);
            assertThat(new int[] {scheduler.scaled(0), scheduler.scaled(1), scheduler.scaled(2)})
                    .containsExactly(21845, 32768, 65535);
            scheduler = scheduler(lab, 0, 1, 0, 3);
            assertThat(scheduler.scaled(1)).isEqualTo(43690);
        }
    }

    /** Source: grpc-java's tests of the bounds. */
    @Test
    void a58BoundsOnTheWeights() {
        double[] heavy = new double[20];
        Arrays.fill(heavy, 1);
        heavy[0] = 81;
        try (Lab lab = Lab.of(heavy)) {
            int[] counts = lab.counts(scheduler(lab, 0, heavy), 69);
            assertThat(counts[0]).isEqualTo(50);
            assertThat(Arrays.copyOfRange(counts, 1, 20)).containsOnly(1);
        }
        try (Lab lab = Lab.equal(2)) {
            assertThat(lab.counts(scheduler(lab, 0, 100, 1e-10), 105)).containsExactly(100, 5);
        }
    }

    /** Source: grpc-java's tests, with their tolerances. */
    @Test
    void a58Shares() {
        try (Lab lab = Lab.of(1.43, 2.119)) {
            int[] counts = lab.counts(lab.picker(balancer()), 1000);
            assertThat(counts[0] / 1000.0).isCloseTo(1.43 / 3.549, within(0.002));
        }
        try (Lab lab = Lab.of(100, 200)) {
            int[] counts = lab.counts(lab.picker(balancer()), 10_000);
            assertThat(counts[0] / 10_000.0).isCloseTo(1 / 3.0, within(0.0002));
        }
    }

    /** Source: grpc-java's test of two threads that share a scheduler. */
    @Test
    void a58SharesWhenTwoThreadsPick() {
        try (Lab lab = Lab.of(1.43, 2.119)) {
            StaticStride scheduler = scheduler(lab, 0, 1.43, 2.119);
            AtomicIntegerArray counts = new AtomicIntegerArray(2);
            Threads.run(2, thread -> () -> {
                for (int i = 0; i < 1000; i++) {
                    counts.incrementAndGet(lab.index(scheduler.pick(lab)));
                }
            });
            assertThat(counts.get(0) / 2000.0).isCloseTo(1.43 / 3.549, within(0.002));
        }
    }

    @Test
    void allWeightsZeroIsRoundRobin() {
        try (Lab lab = Lab.of(0, 0, 0)) {
            assertThat(lab.order(balancer().picker(lab.candidates(), at(0)), 6)).isEqualTo("0 1 2 0 1 2");
        }
    }

    /** gRPC-Java #10370: the scheduler went round too often. */
    @Test
    void bug16TheSearchForATurnIsBounded() {
        double[] weights = new double[100];
        Arrays.fill(weights, Double.MIN_VALUE);
        weights[99] = Double.MAX_VALUE;
        for (double odd : new double[] {Double.MIN_VALUE, 0, 1e-300, 1}) {
            Arrays.fill(weights, 0, 99, odd);
            try (Lab lab = Lab.of(weights)) {
                for (Balancer.Picker picker : new Balancer.Picker[] {
                    lab.picker(balancer()), StaticStride.exact(Weights.of(lab.candidates()), new Position())
                }) {
                    lab.counts(picker, 1);
                    for (int i = 0; i < 1000 && picker instanceof Sequenced turns; i++) {
                        int before = turns.position().upcoming();
                        picker.pick(lab);
                        assertThat(turns.position().upcoming() - before).isBetween(1, 200);
                    }
                }
            }
        }
    }
}
