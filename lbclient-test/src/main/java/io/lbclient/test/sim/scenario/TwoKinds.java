package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** One request in 50 is 50 times dearer than the others. */
final class TwoKinds {
    private TwoKinds() {}

    static Scenario scenario() {
        Work work = Work.exponential(ofMillis(4)).mixedWith(0.02, Work.exponential(ofMillis(200)));
        return Scenario.builder("two-kinds")
                .servers(10, ServerModel.queueing(8))
                .traffic(Traffic.of(20, Rate.of(0.75 * 80e9 / work.mean().toNanos()), work))
                .lasts(ofSeconds(60), ofSeconds(10))
                .build();
    }
}
