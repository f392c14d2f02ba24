package io.lbclient.examples.simulator;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.lbclient.balancer.Balancers;
import io.lbclient.health.OutlierDetection;
import io.lbclient.test.sim.Fault;
import io.lbclient.test.sim.Figures;
import io.lbclient.test.sim.Rate;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.ServerModel;
import io.lbclient.test.sim.Strategy;
import io.lbclient.test.sim.Traffic;
import io.lbclient.test.sim.Work;
import java.io.PrintStream;
import java.util.List;

/** What if one of our four search servers becomes ten times slower for a while: would other settings do better? */
public final class WhatIf {
    private static final Scenario SEARCH = Scenario.builder("search, one server slow")
            .servers(3, ServerModel.queueing(16))
            .servers(1, ServerModel.queueing(16).speed(0.7))
            .traffic(Traffic.of(6, Rate.of(1500), Work.logNormal(ofMillis(20), 1))
                    .timeout(ofMillis(800))
                    .retries(1))
            .fault(Fault.slow(10), ofSeconds(15), ofSeconds(30), 0)
            .lasts(ofSeconds(45), ofSeconds(5))
            .build();

    private static final List<Strategy> CANDIDATES = List.of(
            Strategy.of("adaptive", Balancers.adaptive()),
            Strategy.of("leastRequests", Balancers.leastRequests()),
            Strategy.of("roundRobin", Balancers.roundRobin()),
            Strategy.settings(
                    "roundRobin, outlier detection",
                    pool -> pool.balancer(Balancers.roundRobin()).healthMonitors(OutlierDetection.withDefaults())));

    private WhatIf() {}

    /**
     * Prints a line for each candidate.
     *
     * @param args not read
     */
    public static void main(String[] args) {
        print(System.out);
    }

    static void print(PrintStream out) {
        out.println(SEARCH);
        for (Strategy strategy : CANDIDATES) {
            Figures figures = SEARCH.run(strategy, 1);
            out.printf(
                    "  %-30s p50 %6.1f ms, p99 %6.1f ms, %d of %d failed, %.1f %% went to the slow server%n",
                    strategy,
                    figures.p50(),
                    figures.p99(),
                    figures.errors(),
                    figures.requests(),
                    100 * figures.badShare());
        }
    }
}
