package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** To eight busy servers two more are added, which are cold. */
final class ScaleOut {
    private ScaleOut() {}

    static Scenario scenario() {
        ServerModel model = ServerModel.queueing(8).coldStart(ofSeconds(10), 0.1);
        return Scenario.builder("scale-out")
                .servers(8, model)
                .serversJoining(ofSeconds(20), 2, model)
                .traffic(Traffic.of(20, Rate.of(0.85 * 6400), Work.exponential(ofMillis(10)))
                        .timeout(ofSeconds(1)))
                .lasts(ofSeconds(50), ofSeconds(10))
                .build();
    }
}
