package io.lbclient.test.sim;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.balancer.Balancers;
import io.lbclient.test.sim.scenario.Strategies;
import org.junit.jupiter.api.Test;

/** What is compared differs in the strategy, and in nothing else. */
class CommonRandomNumbersTest {
    /** With a slot for everyone no strategy matters, so whatever differs is the traffic. */
    private static final Scenario ROOMY = Scenario.builder("roomy")
            .servers(10, ServerModel.queueing(100_000))
            .traffic(Traffic.of(5, Rate.of(1000), Work.logNormal(ofMillis(10), 1)))
            .traffic(Traffic.of(
                    3, Rate.of(500).withBursts(ofSeconds(2), ofMillis(100), 3), Work.exponential(ofMillis(3))))
            .lasts(ofSeconds(5), ofSeconds(1))
            .build();

    @Test
    void allStrategiesGetTheSameRequestsAtTheSameTimesWithTheSameWork() {
        Figures first = ROOMY.run(Strategy.of("turns", Balancers.roundRobin()), 7);

        for (Strategy strategy : Strategies.all()) {
            Figures figures = ROOMY.run(strategy, 7);

            assertThat(figures.requests()).as("%s", strategy).isEqualTo(first.requests());
            assertThat(figures.mean()).as("%s", strategy).isEqualTo(first.mean());
            assertThat(figures.p999()).as("%s", strategy).isEqualTo(first.p999());
        }
    }

    @Test
    void anotherSeedIsOtherTraffic() {
        Strategy turns = Strategy.of("turns", Balancers.roundRobin());

        assertThat(ROOMY.run(turns, 8).mean()).isNotEqualTo(ROOMY.run(turns, 7).mean());
    }
}
