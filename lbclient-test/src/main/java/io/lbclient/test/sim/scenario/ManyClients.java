package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** Each of 100 clients sees a hundredth of what is going on at 100 small servers, at 0.8 of their capacity. */
final class ManyClients {
    private ManyClients() {}

    static Scenario scenario() {
        return Scenario.builder("many-clients")
                .servers(100, ServerModel.queueing(2))
                .traffic(Traffic.of(100, Rate.of(16_000), Work.exponential(ofMillis(10))))
                .lasts(ofSeconds(30), ofSeconds(10))
                .build();
    }
}
