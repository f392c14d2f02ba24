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
        return with("two-servers", clients().retries(1));
    }

    /** With the library's own retry, its back-off and its budget. */
    static Scenario withRetry() {
        return with("two-servers-retry", clients().retry());
    }

    private static Traffic clients() {
        return Traffic.of(4, Rate.of(800), Work.exponential(ofMillis(10))).timeout(ofSeconds(1));
    }

    private static Scenario with(String name, Traffic traffic) {
        return Scenario.builder(name)
                .servers(2, ServerModel.queueing(16))
                .traffic(traffic)
                .fault(Fault.failFast(1, ofMillis(1)), ofSeconds(20), ofSeconds(80), 0)
                .lasts(ofSeconds(110), ofSeconds(10))
                .build();
    }
}
