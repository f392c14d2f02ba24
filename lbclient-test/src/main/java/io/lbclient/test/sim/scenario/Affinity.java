package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** Each server remembers a tenth of the answers, and a remembered one costs a tenth. */
final class Affinity {
    private Affinity() {}

    static Scenario scenario() {
        return Scenario.builder("affinity")
                .servers(10, ServerModel.queueing(8).cache(1000, 0.1))
                .traffic(Traffic.of(20, Rate.of(8000), Work.exponential(ofMillis(10)))
                        .keys(10_000, 0.9))
                .lasts(ofSeconds(50), ofSeconds(20))
                .build();
    }
}
