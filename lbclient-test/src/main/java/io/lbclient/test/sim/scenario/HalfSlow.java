package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** Half of 100 servers run at half speed, at 0.75 of what they can do together. */
final class HalfSlow {
    private HalfSlow() {}

    static Scenario scenario() {
        return Scenario.builder("half-slow")
                .servers(50, ServerModel.sharing(2).speed(1))
                .servers(50, ServerModel.sharing(2).speed(0.5))
                .traffic(Traffic.of(100, Rate.of(0.75 * 15_000), Work.exponential(ofMillis(10))))
                .lasts(ofSeconds(40), ofSeconds(10))
                .build();
    }
}
