package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Fault;
import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** Ten servers are restarted one after the other, and each comes back cold. */
final class RollingRestart {
    private RollingRestart() {}

    static Scenario scenario() {
        Scenario.Builder builder = Scenario.builder("rolling-restart")
                .servers(10, ServerModel.queueing(8).coldStart(ofSeconds(5), 0.2))
                .traffic(Traffic.of(20, Rate.of(4800), Work.exponential(ofMillis(10)))
                        .timeout(ofSeconds(1))
                        .retries(1))
                .lasts(ofSeconds(100), ofSeconds(10));
        for (int server = 0; server < 10; server++) {
            int at = 12 + 8 * server;
            builder.fault(Fault.restart(), ofSeconds(at), ofSeconds(at + 3), server);
        }
        return builder.build();
    }
}
