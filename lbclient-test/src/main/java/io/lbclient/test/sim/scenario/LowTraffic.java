package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** One client sends one request a second to ten servers. */
final class LowTraffic {
    private LowTraffic() {}

    static Scenario scenario() {
        return Scenario.builder("low-traffic")
                .servers(10, ServerModel.queueing(8))
                .traffic(Traffic.of(1, Rate.of(1), Work.exponential(ofMillis(10))))
                .lasts(ofSeconds(1060), ofSeconds(60))
                .build();
    }
}
