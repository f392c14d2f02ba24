package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Fault;
import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** One of ten servers has a fault for 30 seconds; what matters is the time after it. */
final class Healing {
    private Healing() {}

    static Scenario oneFastClient(String name, Fault fault) {
        return scenario(
                "heal-fast-client-" + name, Traffic.of(1, Rate.of(1000), Work.exponential(ofMillis(10))), fault);
    }

    static Scenario tenSlowClients(String name, Fault fault) {
        return scenario(
                "heal-slow-clients-" + name, Traffic.of(10, Rate.of(100), Work.exponential(ofMillis(10))), fault);
    }

    private static Scenario scenario(String name, Traffic traffic, Fault fault) {
        return Scenario.builder(name)
                .servers(10, ServerModel.queueing(8))
                .traffic(traffic.timeout(ofSeconds(1)))
                .fault(fault, ofSeconds(20), ofSeconds(50), 3)
                .lasts(ofSeconds(110), ofSeconds(10))
                .build();
    }
}
