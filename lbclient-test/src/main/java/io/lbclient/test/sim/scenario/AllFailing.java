package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Fault;
import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** What all servers depend on is broken for 20 seconds: all of them answer with failures. */
final class AllFailing {
    private AllFailing() {}

    static Scenario scenario() {
        return Scenario.builder("all-failing")
                .servers(10, ServerModel.queueing(8))
                .traffic(Traffic.of(20, Rate.of(4000), Work.exponential(ofMillis(10))))
                .fault(Fault.failFast(0.9, ofMillis(2)), ofSeconds(15), ofSeconds(35), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
                .lasts(ofSeconds(50), ofSeconds(10))
                .build();
    }
}
