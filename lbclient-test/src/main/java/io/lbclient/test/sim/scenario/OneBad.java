package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Fault;
import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** Something goes wrong with one of ten servers for 30 seconds. */
final class OneBad {
    private OneBad() {}

    static Scenario with(String name, Fault fault) {
        return scenario("one-" + name, fault);
    }

    static Scenario scenario(String name, Fault fault) {
        return Scenario.builder(name)
                .servers(10, ServerModel.queueing(8))
                .traffic(Traffic.of(10, Rate.of(4000), Work.exponential(ofMillis(10)))
                        .timeout(ofSeconds(1)))
                .fault(fault, ofSeconds(20), ofSeconds(50), 3)
                .lasts(ofSeconds(75), ofSeconds(10))
                .build();
    }
}
