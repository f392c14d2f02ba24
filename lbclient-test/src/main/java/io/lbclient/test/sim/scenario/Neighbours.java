package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** Antagonists: now and then something else takes two thirds of a machine for a second or two. */
final class Neighbours {
    private Neighbours() {}

    static Scenario scenario() {
        return Scenario.builder("antagonists")
                .servers(50, ServerModel.sharing(4).antagonists(ofSeconds(8), ofSeconds(2), 3))
                .traffic(Traffic.of(50, Rate.of(0.6 * 20_000), Work.exponential(ofMillis(10))))
                .lasts(ofSeconds(40), ofSeconds(10))
                .build();
    }
}
