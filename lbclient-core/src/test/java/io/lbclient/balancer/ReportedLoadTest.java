package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.LoadReport;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import io.lbclient.Threads;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReportedLoadTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.reportedLoad();
    }

    @Override
    boolean takesTurns() {
        return true;
    }

    /** Without reports the configured weights count. */
    @Override
    double[] shares(double[] weights) {
        return withinGrpcsBounds(weights);
    }

    private static void report(Lab lab, int index, double rps, double utilization) {
        report(lab, index, new LoadReport(utilization, 0, 0, rps, 0, Map.of()));
    }

    private static void report(Lab lab, int index, LoadReport report) {
        Attempt attempt = lab.begin(index);
        attempt.report(report);
        attempt.complete(Outcome.SUCCESS);
    }

    private static void assertShares(Lab lab, Balancer.Picker picker, double... shares) {
        int[] counts = lab.counts(picker, 10_000);
        double sum = Arrays.stream(shares).sum();
        for (int i = 0; i < shares.length; i++) {
            assertThat(counts[i] / 10_000.0).isCloseTo(shares[i] / sum, within(0.002));
        }
    }

    private static double weight(ReportedLoadBuilder settings, LoadReport report) {
        return ((ReportedLoad) settings.build()).weight(report);
    }

    /** The formula of A58. */
    @ParameterizedTest
    @CsvSource({
        "100, 1, 0, 1, 100",
        "100, 0.5, 0, 1, 200",
        "100, 0.5, 10, 1, 166.67",
        "100, 0.5, 10, 0, 200",
        "100, 2, 0, 1, 50",
        "0, 0.5, 0, 1, 0",
        "100, 0, 0, 1, 0",
    })
    void a58TheWeightIsWhatTheServerCouldAnswer(
            double rps, double utilization, double eps, double penalty, double weight) {
        ReportedLoadBuilder settings = Balancers.reportedLoadBuilder().errorUtilizationPenalty(penalty);
        assertThat(weight(settings, new LoadReport(utilization, 0, 0, rps, eps, Map.of())))
                .isCloseTo(weight, within(0.01));
        assertThat(weight(settings, new LoadReport(0, utilization, 0, rps, eps, Map.of())))
                .isCloseTo(weight, within(0.01));
    }

    /** A114: named metrics come after the application's utilization and before the CPU's. */
    @Test
    void a114NamedMetricsMayStandForTheUtilization() {
        ReportedLoadBuilder settings = Balancers.reportedLoadBuilder()
                .metricNamesForComputingUtilization("named_metrics.queue", "utilization.gpu", "mem_utilization");
        Map<String, Double> metrics = Map.of("named_metrics.queue", 0.2, "utilization.gpu", 0.4);
        assertThat(weight(settings, new LoadReport(0, 0.9, 0.1, 100, 0, metrics)))
                .isCloseTo(250, within(1e-9));
        assertThat(weight(settings, new LoadReport(0.5, 0.9, 0.1, 100, 0, metrics)))
                .isCloseTo(200, within(1e-9));
        assertThat(weight(settings, new LoadReport(0, 0.8, 0, 100, 0, Map.of())))
                .isCloseTo(125, within(1e-9));
    }

    @Test
    void figuresThatOverflowAreIgnored() {
        assertThat(weight(Balancers.reportedLoadBuilder(), new LoadReport(1e-300, 0, 0, 1e300, 0, Map.of())))
                .isZero();
    }

    @Test
    void reportsCountWhenTheBlackoutIsOver() {
        try (Lab lab = Lab.equal(2)) {
            Balancer.Picker picker = lab.picker(balancer());
            assertShares(lab, picker, 1, 1);
            report(lab, 0, 100, 1);
            report(lab, 1, 100, 0.5);
            lab.advanceMillis(9_999);
            assertShares(lab, picker, 1, 1);
            lab.advanceMillis(1_001);
            assertShares(lab, picker, 1, 2);
        }
    }

    @Test
    void reportsThatKeepComingDoNotPutOffTheEndOfTheBlackout() {
        try (Lab lab = Lab.equal(2)) {
            Balancer.Picker picker = lab.picker(balancer());
            picker.pick(lab);
            for (int second = 0; second < 12; second++) {
                report(lab, 0, 100, 1);
                report(lab, 1, 100, 0.5);
                picker.pick(lab);
                lab.advance(Duration.ofSeconds(1));
            }
            assertShares(lab, picker, 1, 2);
        }
    }

    private static Balancer withoutABlackout() {
        return Balancers.reportedLoadBuilder().blackoutPeriod(Duration.ZERO).build();
    }

    @Test
    void withoutABlackoutReportsCountAtTheNextUpdate() {
        try (Lab lab = Lab.equal(2)) {
            Balancer.Picker picker = lab.picker(withoutABlackout());
            picker.pick(lab);
            report(lab, 0, 100, 1);
            report(lab, 1, 100, 0.25);
            lab.advanceMillis(999);
            assertShares(lab, picker, 1, 1);
            lab.advanceMillis(1);
            assertShares(lab, picker, 1, 4);
        }
    }

    private static Balancer.Picker warm(Lab lab, double... utilization) {
        Balancer.Picker picker = lab.picker(withoutABlackout());
        picker.pick(lab);
        for (int i = 0; i < utilization.length; i++) {
            if (utilization[i] > 0) {
                report(lab, i, 100, utilization[i]);
            }
        }
        lab.advance(Duration.ofSeconds(1));
        return picker;
    }

    @Test
    void a58AServerWithoutAReportGetsTheMeanOfTheOthers() {
        try (Lab lab = Lab.equal(3)) {
            assertShares(lab, warm(lab, 0.5, 0.25, 0), 2, 4, 3);
        }
    }

    @Test
    void a58FewerThanTwoReportsAreRoundRobin() {
        try (Lab lab = Lab.equal(3)) {
            assertThat(lab.counts(warm(lab, 0.1, 0, 0), 30)).containsExactly(10, 10, 10);
        }
    }

    /** gRPC-Java #10061: once in round robin, it stayed there. */
    @Test
    void bug22RoundRobinIsLeftAgainWhenReportsCome() {
        try (Lab lab = Lab.equal(3)) {
            Balancer.Picker picker = warm(lab, 0.5, 0, 0);
            assertThat(lab.counts(picker, 30)).containsExactly(10, 10, 10);
            report(lab, 1, 100, 0.25);
            report(lab, 2, 100, 0.25);
            lab.advance(Duration.ofSeconds(1));
            assertShares(lab, picker, 1, 2, 2);
            lab.advance(Duration.ofMinutes(3));
            assertThat(lab.counts(picker, 30)).containsExactly(10, 10, 10);
            report(lab, 0, 100, 0.5);
            report(lab, 1, 100, 0.25);
            lab.advance(Duration.ofSeconds(1));
            assertShares(lab, picker, 2, 4, 3);
        }
    }

    @Test
    void aReportExpires() {
        try (Lab lab = Lab.equal(3)) {
            Balancer.Picker picker = warm(lab, 0.5, 0.25, 0.125);
            assertShares(lab, picker, 1, 2, 4);
            lab.advance(Duration.ofSeconds(170));
            report(lab, 0, 100, 0.5);
            report(lab, 1, 100, 0.25);
            lab.advance(Duration.ofSeconds(10));
            assertShares(lab, picker, 2, 4, 3);
        }
    }

    @Test
    void aReportThatSaysNothingLeavesTheFormerInForce() {
        try (Lab lab = Lab.equal(2)) {
            Balancer.Picker picker = warm(lab, 0.5, 0.25);
            assertShares(lab, picker, 1, 2);
            report(lab, 1, 0, 0.9);
            lab.advance(Duration.ofSeconds(1));
            assertShares(lab, picker, 1, 2);
        }
    }

    @Test
    void sameReportsThatKeepComingDoNotExpire() {
        try (Lab lab = Lab.equal(2)) {
            Balancer.Picker picker = warm(lab, 0.5, 0.25);
            for (int i = 0; i < 10; i++) {
                lab.advance(Duration.ofMinutes(1));
                report(lab, 0, 100, 0.5);
                report(lab, 1, 100, 0.25);
                lab.advance(Duration.ofSeconds(1));
                assertShares(lab, picker, 1, 2);
            }
        }
    }

    @Test
    void reportsSurviveARebuildAndTurnsGoOn() {
        try (Lab lab = Lab.equal(2)) {
            Balancer.Picker picker = warm(lab, 0.5, 0.25);
            int[] counts = new int[2];
            for (int i = 0; i < 3000; i++) {
                picker = i % 3 == 0 ? withoutABlackout().picker(lab.candidates(), picker) : picker;
                counts[lab.index(picker.pick(lab))]++;
            }
            assertThat(counts[1] / 3000.0).isCloseTo(2 / 3.0, within(0.005));
        }
    }

    /** A58: the blackout begins anew when a server becomes ready again, and what it said before does not count. */
    @Test
    void aServerThatComesBackStartsWithoutReports() {
        Balancer balancer = Balancers.reportedLoad();
        try (Lab lab = Lab.equal(3)) {
            Balancer.Picker picker = lab.picker(balancer);
            picker.pick(lab);
            report(lab, 0, 100, 0.5);
            report(lab, 1, 100, 0.25);
            report(lab, 2, 100, 0.125);
            lab.advance(Duration.ofSeconds(11));
            assertShares(lab, picker, 1, 2, 4);
            picker = balancer.picker(lab.candidates().subList(0, 2), picker);
            assertShares(lab, picker, 1, 2, 0);
            picker = balancer.picker(lab.candidates(), picker);
            assertShares(lab, picker, 2, 4, 3);
            lab.advance(Duration.ofSeconds(1));
            report(lab, 2, 100, 0.125);
            lab.advance(Duration.ofSeconds(9));
            assertShares(lab, picker, 2, 4, 3);
            lab.advance(Duration.ofSeconds(2));
            assertShares(lab, picker, 1, 2, 4);
        }
    }

    @Test
    void reportsUpdatesAndChangesMayComeFromManyThreads() {
        AtomicLong clock = new AtomicLong();
        try (ServerPool pool = ServerPool.builder("reporting")
                .balancer(Balancers.reportedLoadBuilder()
                        .blackoutPeriod(Duration.ZERO)
                        .weightUpdatePeriod(Duration.ofMillis(100))
                        .build())
                // Each reading moves it on, so that the turns are dealt out anew all the time.
                .ticker(() -> clock.addAndGet(1_000_000))
                .servers(Lab.servers(1, 1, 1))
                .build()) {
            // Until the turns are dealt by the reports for the first time.
            pickAndReport(pool, 500);
            int[] counts = new int[3];
            List<int[]> all =
                    Threads.together(9, thread -> () -> thread < 8 ? pickAndReport(pool, 5000) : change(pool));
            all.forEach(its -> Arrays.setAll(counts, i -> counts[i] + its[i]));
            // Utilizations 1, 1/2 and 1/4; the third comes and goes, and is dealt the mean when it comes.
            assertThat((double) counts[1] / counts[0]).isBetween(1.7, 2.1);
            assertThat(counts[2]).isPositive();
            assertThat(pool.snapshot().servers())
                    .allSatisfy(server -> assertThat(server.inFlight()).isZero());
        }
    }

    private static int[] change(ServerPool pool) {
        for (int i = 0; i < 50; i++) {
            pool.update(Lab.servers(1, 1));
            pool.update(Lab.servers(1, 1, 1));
        }
        return new int[3];
    }

    private static int[] pickAndReport(ServerPool pool, int picks) {
        int[] counts = new int[3];
        for (int i = 0; i < picks; i++) {
            try (Attempt attempt = pool.pick()) {
                int server = Integer.parseInt(attempt.server().id().substring(1));
                counts[server]++;
                attempt.report(new LoadReport(1.0 / (1 << server), 0, 0, 100, 0, Map.of()));
                attempt.complete(Outcome.SUCCESS);
            }
        }
        return counts;
    }

    @Test
    void theConfiguredWeightMultipliesTheReportedOne() {
        try (Lab lab = Lab.of(1, 0.5, 1)) {
            assertShares(lab, warm(lab, 0.5, 0.25, 0), 2, 2, 3);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 99})
    void anUpdatePeriodUnderATenthOfASecondIsRejected(long millis) {
        assertThatThrownBy(() -> Balancers.reportedLoadBuilder().weightUpdatePeriod(Duration.ofMillis(millis)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("weightUpdatePeriod: PT0")
                .hasMessageEndingWith(" (expected: PT0.1S to PT24H)");
    }

    @Test
    void settingsThatMakeNoSenseAreRejected() {
        ReportedLoadBuilder builder = Balancers.reportedLoadBuilder();
        assertThatThrownBy(() -> builder.errorUtilizationPenalty(-1))
                .hasMessage("errorUtilizationPenalty: -1.0 (expected: 0.0 to 1000000.0)");
        assertThatThrownBy(() -> builder.errorUtilizationPenalty(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.blackoutPeriod(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.weightExpirationPeriod(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
