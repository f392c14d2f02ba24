package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** The testbed of Prequal: 100 clients and 100 servers, eight steps from 0.75 to 1.74 of what each is allotted. */
final class LoadRamp {
    private LoadRamp() {}

    /** Half of a machine is allotted to its server, which may use the rest while its neighbours do not. */
    private static final double ALLOTTED = 100 * 2 / 0.020;

    static Scenario scenario() {
        Rate rate = Rate.of(0.75 * ALLOTTED);
        double load = 0.75;
        for (int step = 1; step < 8; step++) {
            load = load * 10 / 9;
            rate = rate.then(ofSeconds(5 + 5 * step), load * ALLOTTED);
        }
        return Scenario.builder("load-ramp")
                .servers(100, ServerModel.sharing(4).antagonists(ofSeconds(17), ofSeconds(3), 2))
                .traffic(
                        Traffic.of(100, rate, Work.logNormal(ofMillis(20), 0.5)).timeout(ofSeconds(5)))
                .lasts(ofSeconds(45), ofSeconds(5))
                .build();
    }
}
