package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** Nothing special: 20 clients, 10 servers of 8 slots, a part of the capacity of 8000 requests per second. */
final class Steady {
    private Steady() {}

    static Scenario at(double utilization) {
        return Scenario.builder("steady-" + utilization)
                .servers(10, ServerModel.queueing(8))
                .traffic(Traffic.of(20, Rate.of(8000 * utilization), Work.exponential(ofMillis(10))))
                .lasts(ofSeconds(40), ofSeconds(10))
                .build();
    }
}
