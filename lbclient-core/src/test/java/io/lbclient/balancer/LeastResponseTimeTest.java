package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeastResponseTimeTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.leastResponseTime();
    }

    /** As in nginx, a greater weight makes an idle server better, not equal: the lighter ones wait until it is busy. */
    @Override
    double[] shares(double[] weights) {
        return Arrays.stream(Weights.shares(weights)).map(s -> s == 1 ? 1 : 0).toArray();
    }

    /** nginx's rounding, in milliseconds. */
    @ParameterizedTest
    @CsvSource({"0, 20", "1, 20", "19, 20", "20, 40", "39, 40", "4999, 5000", "6000, 5000"})
    void latenciesAreRoundedUpToSteps(long latency, long rounded) {
        assertThat(LeastResponseTimeBuilder.rounded(latency * 1_000_000, 20_000_000))
                .isEqualTo(rounded * 1_000_000);
    }

    /** So many requests, one after the other; a server's first answer takes as long as is said, later ones 1 ms. */
    private int[] oneAfterTheOther(Lab lab, Balancer.Picker picker, int requests, long firstMillis, boolean[] slow) {
        int[] counts = new int[slow.length];
        for (int i = 0; i < requests; i++) {
            Candidate picked = picker.pick(lab);
            int index = lab.index(picked);
            counts[index]++;
            Attempt attempt = lab.begin(picked);
            lab.advanceMillis(slow[index] ? firstMillis : 1);
            slow[index] = false;
            attempt.complete(Outcome.SUCCESS);
        }
        return counts;
    }

    /** Source: upstream_least_time.t of nginx-tests. */
    @Test
    void nginxEqualTimesAreSharedFiveToFive() {
        try (Lab lab = Lab.equal(2)) {
            int[] counts = oneAfterTheOther(lab, lab.picker(balancer()), 10, 0, new boolean[2]);
            assertThat(counts).containsExactly(5, 5);
        }
    }

    /**
     * Source: upstream_least_time.t of nginx-tests. What decays there by the fail timeout decays here by the pool's
     * latency decay, chosen so that 4 s falls below 20 ms in the 8 s that it takes there.
     */
    @Test
    void nginxAServerOnceSlowIsAskedAgainWhenItsLatencyHasDecayed() {
        try (Lab lab = Lab.decaying(Duration.ofMillis(1500), 1, 1)) {
            Balancer.Picker picker = lab.picker(balancer());
            boolean[] slow = {true, false};
            assertThat(oneAfterTheOther(lab, picker, 10, 4000, slow)).containsExactly(1, 9);
            slow[0] = true;
            lab.advance(Duration.ofSeconds(8));
            assertThat(oneAfterTheOther(lab, picker, 10, 4000, slow)).containsExactly(1, 9);
        }
    }

    /** Rounded to 100 and 40 ms, so the faster one is worth two more requests. */
    @Test
    void theLatencyCountsTimesTheRequestsThatThereWouldBe() {
        try (Lab lab = Lab.decaying(Duration.ofDays(1), 1, 1)) {
            Attempt slower = lab.begin(0);
            lab.advanceMillis(95);
            slower.complete(Outcome.SUCCESS);
            Attempt faster = lab.begin(1);
            lab.advanceMillis(35);
            faster.complete(Outcome.SUCCESS);
            Balancer.Picker picker = lab.picker(balancer());
            // 100 ms against 40, 80, 120 ms.
            assertThat(lab.order(picker, 1)).isEqualTo("1");
            lab.begin(1);
            assertThat(lab.order(picker, 1)).isEqualTo("1");
            lab.begin(1);
            assertThat(lab.order(picker, 1)).isEqualTo("0");
        }
    }

    /**
     * Source: the example in NetScaler's documentation of least response time: 3 requests in flight of 2 s each, 7 of 1 s,
     * none of 2 s. Requests 1 to 3 go to the third server there, and 4 to 6 to the first, the third and the second. Here
     * the request to come counts too, so before the fourth all three tie, and it is one for each in turn.
     */
    @Test
    void netScalersExampleHasTheSameSharesInTheOrderOfTheTurns() {
        try (Lab lab = Lab.decaying(Duration.ofDays(365), 1, 1, 1)) {
            long[] millis = {1990, 990, 1990};
            for (int i = 0; i < 3; i++) {
                Attempt attempt = lab.begin(i);
                lab.advanceMillis(millis[i]);
                attempt.complete(Outcome.SUCCESS);
            }
            lab.beginMany(0, 3);
            lab.beginMany(1, 7);
            Balancer.Picker picker = lab.picker(balancer());
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Candidate picked = picker.pick(lab);
                lab.begin(picked);
                order.add(lab.index(picked));
            }
            assertThat(order.subList(0, 3)).containsExactly(2, 2, 2);
            assertThat(order.subList(3, 6)).containsExactlyInAnyOrder(0, 1, 2);
        }
    }

    @Test
    void aHalfOfTheWeightIsTwiceTheTime() {
        try (Lab lab = Lab.of(1, 2)) {
            lab.begin(1);
            // 20 ms for weight 1 against 40 ms for weight 2: a tie, shared by weight.
            int[] counts = lab.counts(lab.picker(balancer()), 300);
            assertThat(counts[0]).isBetween(95, 105);
        }
    }

    @Test
    void aRequestWithoutAnAnswerCountsOnlyIfAskedFor() {
        try (Lab lab = Lab.equal(2)) {
            Balancer inflight =
                    Balancers.leastResponseTimeBuilder().inflight(true).build();
            lab.begin(0);
            lab.beginMany(1, 2);
            Attempt answered = lab.begin(1);
            answered.complete(Outcome.SUCCESS);
            lab.advanceMillis(300);
            assertThat(lab.order(lab.picker(balancer()), 2)).isEqualTo("0 0");
            lab.advanceMillis(300);
            for (int i = 0; i < 2; i++) {
                lab.begin(0).complete(Outcome.SUCCESS);
            }
            assertThat(lab.order(lab.picker(inflight), 2)).isEqualTo("0 0");
            lab.begin(0);
            lab.begin(0);
            // Three of 0's wait for 200 ms on average, two of 1's for 600 ms.
            assertThat(lab.order(lab.picker(inflight), 2)).isEqualTo("0 0");
            assertThat(lab.order(lab.picker(balancer()), 2)).isEqualTo("1 1");
        }
    }

    @Test
    void settingsThatMakeNoSenseAreRejected() {
        assertThatThrownBy(() -> Balancers.leastResponseTimeBuilder().step(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("step: PT0S (expected: PT0.000001S to PT1M)");
        assertThatThrownBy(() -> Balancers.leastResponseTimeBuilder().step(Duration.ofDays(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
