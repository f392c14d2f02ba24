package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Fault;
import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/**
 * Five servers that do 1000 requests a second together get 900, and are half as fast for ten seconds; clients wait for
 * half a second and retry. Does the overload end with its cause? (Metastable failures: Huang and others, OSDI 2022.)
 */
final class Metastability {
    private Metastability() {}

    /** Half a second of work may wait at each server, as long as the clients do; the rest is turned away. */
    static Scenario bounded() {
        return with("metastability", ServerModel.queueing(4).queueLimit(100));
    }

    static Scenario unbounded() {
        return with("metastability-unbounded", ServerModel.queueing(4));
    }

    private static Scenario with(String name, ServerModel server) {
        return Scenario.builder(name)
                .servers(5, server)
                .traffic(Traffic.of(5, Rate.of(900), Work.exponential(ofMillis(20)))
                        .timeout(ofMillis(500))
                        .retry())
                .fault(Fault.slow(2), ofSeconds(20), ofSeconds(30), 0, 1, 2, 3, 4)
                .lasts(ofSeconds(60), ofSeconds(10))
                .build();
    }
}
