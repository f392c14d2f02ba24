package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.LoadReport;
import io.lbclient.Outcome;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Without probes: what servers report with their answers stands for them. */
class PrequalReportedTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.prequalBuilder().build();
    }

    private static void report(Lab lab, int server, double rif, double latencySeconds) {
        Attempt attempt = lab.begin(server);
        attempt.report(new LoadReport(
                0,
                0,
                0,
                0,
                0,
                Map.of("named_metrics.requests_in_flight", rif, "named_metrics.latency_seconds", latencySeconds)));
        attempt.complete(Outcome.SUCCESS);
    }

    private static Balancer.Picker picker(Lab lab) {
        return lab.picker(Balancers.prequalBuilder()
                .probeRate(32)
                .removeRate(0)
                .rifQuantile(1)
                .build());
    }

    @Test
    void aReportCountsLikeAnAnswer() {
        try (Lab lab = Lab.equal(4)) {
            Balancer.Picker picker = picker(lab);
            report(lab, 1, 3, 0.010);
            report(lab, 2, 3, 0.020);
            assertThat(lab.counts(picker, 20)).containsExactly(0, 20, 0, 0);
            report(lab, 1, 3, 0.030);
            assertThat(lab.counts(picker, 20)).containsExactly(0, 0, 20, 0);
        }
    }

    @Test
    void aServerMayReportUnderOtherNames() {
        try (Lab lab = Lab.equal(3)) {
            Balancer.Picker picker = lab.picker(Balancers.prequalBuilder()
                    .reportedMetrics("named_metrics.busy", "named_metrics.took")
                    .probeRate(32)
                    .removeRate(0)
                    .rifQuantile(1)
                    .build());
            report(lab, 0, 3, 0.001);
            for (int server = 1; server < 3; server++) {
                Map<String, Double> said = Map.of("named_metrics.busy", 3.0, "named_metrics.took", 0.01 * server);
                lab.begin(server).report(new LoadReport(0, 0, 0, 0, 0, said));
            }

            assertThat(lab.counts(picker, 20)).containsExactly(0, 20, 0);
        }
    }

    @Test
    void aReportIsForgottenAfterASecond() {
        try (Lab lab = Lab.equal(2).seed(5)) {
            Balancer.Picker picker = picker(lab);
            report(lab, 0, 3, 0.010);
            report(lab, 1, 3, 0.020);
            lab.advanceMillis(1001);
            assertThat(Arrays.stream(lab.counts(picker, 100)))
                    .allSatisfy(c -> assertThat(c).isBetween(30, 70));
        }
    }

    @Test
    void aReportOfOtherThingsIsNoAnswer() {
        try (Lab lab = Lab.equal(2).seed(5)) {
            Balancer.Picker picker = picker(lab);
            lab.begin(0).report(new LoadReport(0.5, 0, 0, 10, 0, Map.of()));
            report(lab, 1, 3, 0.020);
            assertThat(Arrays.stream(lab.counts(picker, 100)))
                    .allSatisfy(c -> assertThat(c).isBetween(30, 70));
        }
    }

    /** Each answer brings a report, and each report its budget of uses: that keeps the pool filled. */
    @Test
    void withAReportInEveryAnswerTheRequestsAreGuidedByThem() {
        try (Lab lab = Lab.equal(100)) {
            Balancer.Picker picker = lab.picker(balancer());
            int slow = 0;
            for (int i = 0; i < 20_000; i++) {
                int picked = lab.index(picker.pick(lab));
                slow += i > 1000 && picked < 50 ? 1 : 0;
                report(lab, picked, 1, picked < 50 ? 0.100 : 0.010);
                lab.advance(Duration.ofNanos(100_000));
            }
            assertThat(slow / 19_000.0).as("share of the slow half").isLessThan(0.25);
        }
    }
}
