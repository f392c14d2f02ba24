package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.Outcome;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

class PeakEwmaTest extends BalancerContractTest {
    private static final double MILLI = 1e6;

    @Override
    Balancer balancer() {
        return Balancers.peakEwma();
    }

    private static void answer(Lab lab, int index, long millis) {
        Attempt attempt = lab.begin(index);
        lab.advanceMillis(millis);
        attempt.complete(Outcome.SUCCESS);
    }

    private static double cost(Lab lab, int index) {
        return Load.PEAK_EWMA.of(lab.candidate(index), lab.now());
    }

    /** Source: Tower's test of the decay, 10 ms at first, lifetime 1 s. */
    @Test
    void towerTheCostFallsWhileNothingHappens() {
        try (Lab lab = Lab.decaying(Duration.ofSeconds(1), 1)) {
            answer(lab, 0, 10);
            assertThat(cost(lab, 0) / MILLI).isCloseTo(10, within(1e-6));
            lab.advanceMillis(100);
            assertThat(cost(lab, 0) / MILLI).isCloseTo(9.048, within(0.01));
            lab.advanceMillis(100);
            assertThat(cost(lab, 0) / MILLI).isCloseTo(8.187, within(0.01));
        }
    }

    /** Source: Tower's test of pending calls and peaks, 20 ms at first, lifetime 1 s. */
    @Test
    void towerPendingCallsAndPeaks() {
        try (Lab lab = Lab.decaying(Duration.ofSeconds(1), 1)) {
            answer(lab, 0, 20);
            assertThat(cost(lab, 0) / MILLI).isCloseTo(20, within(1e-6));
            lab.advanceMillis(100);
            Attempt first = lab.begin(0);
            assertThat(cost(lab, 0) / MILLI).isGreaterThan(20);
            lab.advanceMillis(100);
            Attempt second = lab.begin(0);
            assertThat(cost(lab, 0) / MILLI).isGreaterThan(40);
            lab.advanceMillis(100);
            first.complete(Outcome.SUCCESS);
            assertThat(cost(lab, 0) / MILLI).isCloseTo(400, within(1e-4));
            lab.advanceMillis(100);
            second.complete(Outcome.SUCCESS);
            assertThat(cost(lab, 0) / MILLI).isCloseTo(200, within(1e-4));
            lab.advance(Duration.ofSeconds(1));
            assertThat(cost(lab, 0) / MILLI).isLessThan(100);
            lab.advance(Duration.ofSeconds(10));
            assertThat(cost(lab, 0) / MILLI).isLessThan(0.1);
        }
    }

    @Test
    void unlessToldOtherwiseALatencyHasALifetimeOfTenSeconds() {
        try (Lab lab = Lab.equal(1)) {
            answer(lab, 0, 10);
            lab.advance(Duration.ofSeconds(10));
            assertThat(cost(lab, 0) / MILLI).isCloseTo(10 / Math.E, within(1e-3));
        }
    }

    @Test
    void aServerWithoutALatencyCostsNothingIdleAndThePenaltyWhileItIsAsked() {
        try (Lab lab = Lab.equal(1)) {
            assertThat(cost(lab, 0)).isZero();
            lab.begin(0);
            assertThat(cost(lab, 0)).isEqualTo(140_737_488_355_327.0 + 1);
        }
    }

    /** Runs so many requests at a steady pace, each answered when its server has had the time that it takes. */
    private int[] run(Lab lab, int requests, long paceNanos, long... latencyNanos) {
        Balancer.Picker picker = lab.picker(balancer());
        record Pending(long due, int order, Attempt attempt) {}
        PriorityQueue<Pending> pending =
                new PriorityQueue<>(Comparator.comparingLong(Pending::due).thenComparingInt(Pending::order));
        int[] counts = new int[latencyNanos.length];
        long now = 0;
        for (int i = 0; i < requests; i++) {
            long next = now + paceNanos;
            while (!pending.isEmpty() && pending.peek().due() <= next) {
                lab.advance(Duration.ofNanos(pending.peek().due() - now));
                now = pending.peek().due();
                pending.remove().attempt().complete(Outcome.SUCCESS);
            }
            lab.advance(Duration.ofNanos(next - now));
            now = next;
            Candidate picked = picker.pick(lab);
            int index = lab.index(picked);
            counts[index]++;
            long latency = latencyNanos[index];
            Attempt attempt = lab.begin(picked);
            if (latency < Long.MAX_VALUE) {
                pending.add(new Pending(now + latency, i, attempt));
            }
        }
        return counts;
    }

    /** Source: Finagle's P2CPeakEwma tests: 100 nodes, 100 000 requests, within 5 % of the mean. */
    @Test
    void finagleEqualServersShareEvenly() {
        long[] latency = new long[100];
        Arrays.fill(latency, 5_000_000);
        try (Lab lab = Lab.equal(100)) {
            int[] counts = run(lab, 100_000, 10_000, latency);
            assertThat(Arrays.stream(counts)).allSatisfy(c -> assertThat(c).isBetween(950, 1050));
        }
    }

    /** Source: Finagle's P2CPeakEwma tests: the node that never answers is asked exactly once. */
    @Test
    void finagleAServerWithoutAHistoryIsAskedOnceUntilItAnswers() {
        long[] latency = new long[100];
        Arrays.fill(latency, 5_000_000);
        latency[99] = Long.MAX_VALUE;
        try (Lab lab = Lab.equal(100)) {
            for (int i = 0; i < 99; i++) {
                answer(lab, i, 5);
            }
            assertThat(run(lab, 100_000, 10_000, latency)[99]).isEqualTo(1);
        }
    }

    /** Source: Finagle's P2CPeakEwma tests: twice the latency, about half the mean load, which is what is in flight. */
    @Test
    void finagleAServerOfTwiceTheLatencyHasAboutHalfInFlight() {
        long[] latency = new long[20];
        Arrays.fill(latency, 5_000_000);
        latency[0] = 10_000_000;
        try (Lab lab = Lab.equal(20)) {
            int[] counts = run(lab, 100_000, 10_000, latency);
            // What is in flight is the rate times the latency.
            assertThat(counts[0] * 2 / 5000.0).isBetween(0.4, 0.65);
        }
    }

    @Test
    void latenciesFarUnderAMillisecondAreToldApart() {
        try (Lab lab = Lab.equal(2)) {
            int[] counts = run(lab, 50_000, 30_000, 50_000, 200_000);
            assertThat(counts[0]).isGreaterThan(3 * counts[1]);
        }
    }

    /**
     * ServiceTalk takes an error for ten times the latency and a cancelled request for five times, and its tests have
     * scores of 500, 5000 and 25 000 for a success, an error and a cancellation. Here neither says anything about latency.
     */
    @Test
    void neitherFailureNorCancellationIsTakenForALatency() {
        try (Lab lab = Lab.decaying(Duration.ofDays(365), 1)) {
            answer(lab, 0, 500);
            for (Outcome outcome : new Outcome[] {Outcome.FAILURE, Outcome.CANCELLED}) {
                Attempt attempt = lab.begin(0);
                lab.advanceMillis(1000);
                attempt.complete(outcome);
                assertThat(cost(lab, 0) / MILLI).isCloseTo(500, within(0.01));
            }
        }
    }

    /** ServiceTalk counts the age of what has no answer, and its test has a score of 2000 here; the adaptive one does too. */
    @Test
    void theAgeOfWhatHasNoAnswerDoesNotCount() {
        try (Lab lab = Lab.decaying(Duration.ofDays(365), 1)) {
            answer(lab, 0, 500);
            lab.begin(0);
            lab.advanceMillis(1000);
            assertThat(cost(lab, 0) / MILLI).isCloseTo(1000, within(0.01));
            assertThat(lab.candidate(0).outstandingAgeNanos(lab.now()) / MILLI).isCloseTo(1000, within(0.1));
        }
    }

    /** Linkerd's average ignores a sample that is not newer than the last one; here a peak counts whenever it comes. */
    @Test
    void twoSamplesOfOneInstantLeaveTheGreaterOne() {
        try (Lab lab = Lab.equal(1)) {
            Attempt longer = lab.begin(0);
            lab.advanceMillis(98);
            Attempt shorter = lab.begin(0);
            lab.advanceMillis(1);
            shorter.complete(Outcome.SUCCESS);
            longer.complete(Outcome.SUCCESS);
            assertThat(cost(lab, 0) / MILLI).isCloseTo(99, within(1e-3));
        }
    }
}
