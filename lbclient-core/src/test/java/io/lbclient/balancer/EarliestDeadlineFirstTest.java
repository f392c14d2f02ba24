package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Outcome;
import io.lbclient.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EarliestDeadlineFirstTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.earliestDeadlineFirst();
    }

    /** Source: Envoy's tests of weighted round robin, with a change of the weights in the middle. */
    @Test
    void envoyTheWeightsDecideAndAChangeOfThemCountsFromTheNextTurnOn() {
        try (Lab lab = Lab.of(1, 2)) {
            Balancer.Picker picker = EarliestDeadlineFirst.fromTheStart(lab.candidates(), 0);
            assertThat(lab.order(picker, 6)).isEqualTo("1 0 1 1 0 1");
            lab.weigh(2, 1);
            picker = Balancers.earliestDeadlineFirst(0).picker(lab.candidates(), picker);
            assertThat(lab.order(picker, 8)).isEqualTo("1 0 1 0 0 1 0 0");
        }
        // When the list itself changes, Envoy begins anew.
        try (Lab lab = Lab.of(2, 1, 3)) {
            Balancer.Picker picker = EarliestDeadlineFirst.fromTheStart(lab.candidates(), 0);
            assertThat(lab.order(picker, 12)).isEqualTo("2 0 2 1 0 2 2 0 2 2 1 0");
        }
    }

    /** Computed from Envoy's steps: of equal deadlines the one that was set first comes first. */
    @Test
    void equalDeadlinesAreInTheOrderInWhichTheyWereSet() {
        try (Lab lab = Lab.of(1, 2)) {
            assertThat(lab.order(EarliestDeadlineFirst.fromTheStart(lab.candidates(), 0), 9))
                    .isEqualTo("1 0 1 1 0 1 1 0 1");
        }
    }

    @Test
    void theSameWeightsInOtherUnitsChangeNothing() {
        try (Lab lab = Lab.of(1, 2)) {
            Balancer.Picker picker = EarliestDeadlineFirst.fromTheStart(lab.candidates(), 0);
            assertThat(lab.order(picker, 3)).isEqualTo("1 0 1");
            lab.weigh(1000, 2000);
            picker = Balancers.earliestDeadlineFirst(0).picker(lab.candidates(), picker);
            assertThat(lab.order(picker, 6)).isEqualTo("1 0 1 1 0 1");
        }
    }

    /** Source: Envoy's test of 128 hosts, host i of weight i + 1: each is chosen exactly so often in one period. */
    @Test
    void envoyOneHundredAndTwentyEightServersGetExactlyTheirWeights() {
        double[] weights = new double[128];
        Arrays.setAll(weights, i -> i + 1);
        try (Lab lab = Lab.of(weights)) {
            int[] counts = lab.counts(EarliestDeadlineFirst.fromTheStart(lab.candidates(), 0), 128 * 129 / 2);
            for (int i = 0; i < 128; i++) {
                assertThat(counts[i]).isEqualTo(i + 1);
            }
        }
    }

    /** Source of the first line: Envoy's documentation; the others follow from its formula. */
    @ParameterizedTest
    @CsvSource({"1, 0.4", "0, 2", "0.5, 0.894", "2, 0.08"})
    void envoyTheWeightIsDividedByTheRequestsInFlight(double bias, double effective) {
        assertThat(EarliestDeadlineFirst.effectiveWeight(2, 4, bias)).isCloseTo(effective, within(0.0005));
    }

    /** Source: Envoy's tests of weighted least request, with requests in flight that come and go. */
    @Test
    void envoyRequestsInFlightTakeTurnsAway() {
        try (Lab lab = Lab.of(1, 2)) {
            Balancer.Picker picker = EarliestDeadlineFirst.fromTheStart(lab.candidates(), 1);
            assertThat(lab.order(picker, 6)).isEqualTo("1 0 1 1 0 1");
            Attempt one = lab.begin(1);
            assertThat(lab.order(picker, 5)).isEqualTo("1 0 1 0 1");
            lab.begin(0);
            one.complete(Outcome.SUCCESS);
            assertThat(lab.order(picker, 10)).isEqualTo("0 1 1 1 0 1 1 1 1 0");
        }
    }

    /** Source: Envoy's selection probabilities; weight 2 with one request in flight is as good as weight 1. */
    @Test
    void envoyASharedRequestHalvesAWeightOfTwo() {
        try (Lab lab = Lab.of(2, 1)) {
            assertThat(lab.counts(lab.picker(balancer()), 30_000)[0]).isBetween(19_998, 20_002);
            lab.begin(0);
            assertThat(lab.counts(lab.picker(balancer()), 30_000)[0]).isBetween(14_998, 15_002);
        }
    }

    @Test
    void aServerThatJoinsWaitsForItsTurnAndTheOthersGoOn() {
        try (Lab lab = Lab.of(2, 1, 3)) {
            Balancer.Picker picker =
                    EarliestDeadlineFirst.fromTheStart(lab.candidates().subList(0, 2), 0);
            assertThat(lab.order(picker, 2)).isEqualTo("0 1");
            picker = Balancers.earliestDeadlineFirst(0).picker(lab.candidates(), picker);
            // Server 0 was due at once, as before; the new one after a third of a turn of weight 1, server 1 after a
            // whole one.
            assertThat(lab.order(picker, 6)).isEqualTo("0 2 0 2 1 0");
        }
    }

    /** A bias so great that the weight of a busy server is next to nothing must not shut it out once it is idle. */
    @Test
    void aServerThatWasBusyComesBackWhateverTheBias() {
        try (Lab lab = Lab.equal(2)) {
            Balancer.Picker picker = lab.picker(Balancers.earliestDeadlineFirst(100));
            List<Attempt> many = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                many.add(lab.begin(0));
            }
            assertThat(lab.counts(picker, 1000)[0]).isLessThanOrEqualTo(1);
            many.forEach(Attempt::close);
            assertThat(lab.counts(picker, 140_000)[0]).isGreaterThan(30_000);
        }
    }

    @Test
    void theSharesHoldWithManyThreads() {
        try (Lab lab = Lab.of(1, 2, 5)) {
            Balancer.Picker picker = lab.picker(Balancers.earliestDeadlineFirst(0));
            picker.pick(lab);
            AtomicIntegerArray counts = new AtomicIntegerArray(3);
            Threads.run(8, thread -> () -> {
                for (int i = 0; i < 10_000; i++) {
                    counts.incrementAndGet(lab.index(picker.pick(lab)));
                }
            });
            assertThat(counts.get(0)).isBetween(9_800, 10_200);
            assertThat(counts.get(1)).isBetween(19_700, 20_300);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 100.1, Double.NaN, Double.POSITIVE_INFINITY})
    void aBiasThatMakesNoSenseIsRejected(double bias) {
        assertThatThrownBy(() -> Balancers.earliestDeadlineFirst(bias))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("activeRequestBias: " + bias + " (expected: 0.0 to 100.0)");
    }
}
