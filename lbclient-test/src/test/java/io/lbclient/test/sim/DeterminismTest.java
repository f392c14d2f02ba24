package io.lbclient.test.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.balancer.Balancers;
import io.lbclient.health.OutlierDetection;
import io.lbclient.health.SlowStart;
import io.lbclient.test.sim.scenario.Strategies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The same figures to the last digit: twice in a process, and in another process with other hash codes. */
class DeterminismTest {
    private static final Scenario EVERYTHING = Scenario.builder("everything")
            .servers(
                    6,
                    ServerModel.queueing(2)
                            .antagonists(ofSeconds(2), ofSeconds(1), 3)
                            .errorRate(0.01))
            .servers(
                    6,
                    ServerModel.sharing(2)
                            .speed(0.5)
                            .coldStart(ofSeconds(1), 0.2)
                            .cache(50, 0.5))
            .serversJoining(
                    ofSeconds(4), 2, ServerModel.queueing(4).queueLimit(20).rateLimit(500, 10))
            .traffic(Traffic.of(10, Rate.of(800), Work.logNormal(ofMillis(10), 1))
                    .timeout(ofMillis(300))
                    .retries(1)
                    .keys(500, 1))
            .traffic(Traffic.of(5, Rate.ramp(50, 300, ofSeconds(1), ofSeconds(8)), Work.exponential(ofMillis(5)))
                    .even()
                    .retry())
            .fault(Fault.failFast(0.7, ofMillis(1)), ofSeconds(3), ofSeconds(6), 1, 2)
            .fault(Fault.failLate(0.4), ofSeconds(2), ofSeconds(9), 3, 4, 5, 9)
            .fault(Fault.hang(), ofSeconds(5), ofSeconds(7), 7)
            .fault(Fault.restart(), ofSeconds(6), ofSeconds(7), 8)
            .lasts(ofSeconds(10), ofSeconds(1))
            .build();

    private static final OutlierDetection SHARP_EYED = OutlierDetection.builder()
            .interval(ofSeconds(1))
            .baseEjectionTime(ofSeconds(1))
            .maxEjectionTimeJitter(ofMillis(500))
            .maxEjectionPercent(20)
            .successRate(3, 3, 0.5)
            .build();

    private static List<Strategy> strategies() {
        List<Strategy> all = new ArrayList<>(Strategies.all());
        all.add(Strategy.settings(
                "monitored",
                pool -> pool.balancer(Balancers.powerOfTwoChoices())
                        .healthMonitors(SHARP_EYED, SlowStart.over(ofSeconds(2)))));
        return all;
    }

    private static String figures() {
        return strategies().stream()
                .map(strategy -> strategy + " " + EVERYTHING.run(strategy, 11))
                .collect(Collectors.joining("\n"));
    }

    /** What the other process runs. */
    public static void main(String[] args) {
        System.out.print(figures());
    }

    private static String inAnotherProcess(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), DeterminismTest.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).isZero();
        return printed.lines().filter(line -> !line.contains("WARN")).collect(Collectors.joining("\n"));
    }

    @Test
    void theSameRunTwiceGivesTheSameFigures() {
        assertThat(figures()).isEqualTo(figures());
    }

    @Test
    void anotherProcessGivesTheSameFigures() throws IOException, InterruptedException {
        // Its identity hash codes count up, where those of this process are random, so no order of a map is the same;
        // and it compiles at another time.
        String other =
                inAnotherProcess("-XX:+UnlockExperimentalVMOptions", "-XX:hashCode=3", "-XX:TieredStopAtLevel=1");

        assertThat(other).isEqualTo(figures());
    }

    @Test
    void noneOfTheFiguresIsTrivial() {
        Figures figures = EVERYTHING.run(Strategies.named("adaptive"), 11);

        assertThat(figures.errors()).isPositive();
        assertThat(figures.responsesPerRequest()).isGreaterThan(0.9);
        assertThat(figures.p99()).isGreaterThan(figures.p50());
    }
}
