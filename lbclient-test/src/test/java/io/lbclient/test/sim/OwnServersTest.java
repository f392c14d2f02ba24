package io.lbclient.test.sim;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.HealthMonitor;
import io.lbclient.balancer.Balancers;
import io.lbclient.test.sim.scenario.Strategies;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a user's own test looks like: some milliseconds for minutes of traffic. */
class OwnServersTest {
    private static final Traffic CHECKOUT =
            Traffic.of(2, Rate.of(200), Work.exponential(ofMillis(10))).timeout(ofMillis(500));

    private static Scenario.Builder fourServers() {
        return Scenario.builder("checkout").servers(4, ServerModel.queueing(8)).lasts(ofSeconds(60), ofSeconds(5));
    }

    @Test
    void ourTimeoutAndOneRetrySurviveARestart() {
        Scenario restart = fourServers()
                .traffic(CHECKOUT.retries(1))
                .fault(Fault.restart(), ofSeconds(20), ofSeconds(25), 2)
                .build();

        Figures figures = restart.run(Strategy.of("default", Balancers.adaptive()), 1);

        assertThat(figures.errors()).isZero();
        assertThat(figures.p99()).isLessThan(60);
        assertThat(figures.healSeconds()).isLessThan(20);
    }

    @Test
    void weKnowWhatALowerThresholdCostsUs() {
        Scenario shaky = fourServers()
                .traffic(CHECKOUT)
                .fault(Fault.failFast(0.5, ofMillis(1)), ofSeconds(10), ofSeconds(50), 0)
                .build();

        Figures five = shaky.run(withThreshold(5), 1);
        Figures two = shaky.run(withThreshold(2), 1);

        assertThat(two.errors()).isLessThan(five.errors());
    }

    private static Strategy withThreshold(int failures) {
        return Strategy.settings(
                failures + " failures",
                pool -> pool.balancer(Balancers.roundRobin())
                        .healthMonitors(HealthMonitor.consecutiveFailures(failures)));
    }

    @Test
    void aRunCanBeWatchedSecondBySecond() {
        Scenario slow = fourServers()
                .traffic(CHECKOUT)
                .fault(Fault.slow(20), ofSeconds(20), ofSeconds(40), 1)
                .build();

        List<Second> seconds = slow.watch(Strategy.of("turns", Balancers.roundRobin()), 1);

        assertThat(seconds.get(10).p99()).isLessThan(100);
        assertThat(seconds.get(30).p99()).isGreaterThan(200);
        assertThat(seconds.get(10).share(1)).isBetween(0.2, 0.3);
        assertThat(seconds).extracting(Second::number).startsWith(0, 1, 2).contains(59);
        assertThat(seconds.stream()
                        .flatMap(second -> second.attempts().stream())
                        .mapToLong(Long::longValue)
                        .sum())
                .isBetween(11_500L, 12_500L);
    }

    @Test
    void withoutItsFaultsAScenarioIsTheYardstick() {
        Scenario slow = fourServers()
                .traffic(CHECKOUT)
                .fault(Fault.slow(20), ofSeconds(20), ofSeconds(40), 1)
                .build();
        Strategy turns = Strategy.of("turns", Balancers.roundRobin());

        Figures calm = slow.withoutFaults().run(turns, 1);

        assertThat(calm.requests()).isEqualTo(slow.run(turns, 1).requests());
        assertThat(calm.badShare()).isNaN();
        assertThat(calm.p99()).isLessThan(slow.run(turns, 1).p99());
    }

    @Test
    void theSharesOfAFaultyServerAreThoseOfItsTime() {
        // Without health and with turns, a server has a quarter of everything, before, during and after.
        Scenario failing = fourServers()
                .traffic(CHECKOUT)
                .fault(Fault.failFast(1, ofMillis(1)), ofSeconds(20), ofSeconds(40), 3)
                .build();

        Figures figures =
                failing.run(Strategy.of("turns", Balancers.roundRobin()).withoutHealth(), 1);

        assertThat(figures.badShare()).isBetween(0.249, 0.251);
        assertThat(figures.badShareLater()).isBetween(0.249, 0.251);
        assertThat(figures.healSeconds()).isEqualTo(0.1);
        assertThat(figures.overshoot()).isBetween(0.98, 1.05);
        assertThat(figures.busiestOverMean()).isBetween(1.0, 1.01);
    }

    @Test
    void settingsThatMakeNoSenseAreRejected() {
        assertThatThrownBy(() -> ServerModel.queueing(0)).hasMessage("slots: 0 (expected: at least 1)");
        assertThatThrownBy(() -> Rate.of(-1)).hasMessage("perSecond: -1.0 (expected: > 0)");
        assertThatThrownBy(() -> Work.constant(Duration.ZERO)).hasMessage("time: PT0S (expected: > 0)");
        assertThatThrownBy(() -> fourServers().fault(Fault.hang(), ofSeconds(1), ofSeconds(2), 4))
                .hasMessage("numbers: 4 (expected: 0 to 3)");
        assertThatThrownBy(() -> fourServers().build()).hasMessage("traffic: 0 (expected: at least 1)");
        assertThatThrownBy(() -> Scenario.builder("empty").traffic(CHECKOUT).build())
                .hasMessage("servers: 0 (expected: one that is there from the beginning)");
        assertThatThrownBy(() -> Strategies.named("best")).hasMessageStartingWith("strategy: best (expected: one of");
    }
}
