package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** Few requests make up most of the work: a log-normal distribution. */
final class HeavyTail {
    private HeavyTail() {}

    static Scenario scenario() {
        return Scenario.builder("heavy-tail")
                .servers(10, ServerModel.queueing(8))
                .traffic(Traffic.of(20, Rate.of(0.7 * 8000), Work.logNormal(ofMillis(10), 2)))
                .lasts(ofSeconds(60), ofSeconds(10))
                .build();
    }
}
