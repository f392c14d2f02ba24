package io.lbclient.test.sim.scenario;

import static java.time.Duration.ofNanos;
import static java.time.Duration.ofSeconds;

import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;

/** Each of 1000 clients sends so little that it learns next to nothing about its servers, at 0.75 of their capacity. */
final class SlowClients {
    private SlowClients() {}

    static Scenario each(int perSecond) {
        double all = 1000.0 * perSecond;
        // As many slots for each request whatever the rate, so that the two differ in what the clients know only.
        int servers = 5 * perSecond;
        double mean = 0.75 * servers * 4 / all;
        return Scenario.builder("slow-clients-" + perSecond)
                .servers(servers, ServerModel.sharing(4))
                .traffic(Traffic.of(1000, Rate.of(all), Work.exponential(ofNanos((long) (mean * 1e9)))))
                .lasts(ofSeconds(perSecond == 1 ? 120 : 40), ofSeconds(20))
                .build();
    }
}
