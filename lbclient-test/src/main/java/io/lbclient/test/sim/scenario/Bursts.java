package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** Half of the capacity, and for a second in every five 1.2 times the capacity. */
final class Bursts {
    private Bursts() {}

    static Scenario scenario() {
        return Scenario.builder("bursts")
                .servers(10, ServerModel.queueing(8))
                .traffic(Traffic.of(
                        20, Rate.of(4000).withBursts(ofSeconds(5), ofSeconds(1), 2.4), Work.exponential(ofMillis(10))))
                .lasts(ofSeconds(60), ofSeconds(10))
                .build();
    }
}
