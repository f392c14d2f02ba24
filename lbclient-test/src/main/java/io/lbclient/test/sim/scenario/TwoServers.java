package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Fault;
import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** One of two servers fails fast for a minute; clients try once more. */
final class TwoServers {
    private TwoServers() {}

    static Scenario scenario() {
        return Scenario.builder("two-servers")
                .servers(2, ServerModel.queueing(16))
                .traffic(Traffic.of(4, Rate.of(800), Work.exponential(ofMillis(10)))
                        .timeout(ofSeconds(1))
                        .retries(1))
                .fault(Fault.failFast(1, ofMillis(1)), ofSeconds(20), ofSeconds(80), 0)
                .lasts(ofSeconds(110), ofSeconds(10))
                .build();
    }
}
