package io.lbclient.benchmarks.results;

import io.lbclient.test.sim.Figures;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.Strategy;
import java.util.List;

/** The figures of seed 1 to the last digit, which a test compares with those of the present code. */
final class FirstSeed {
    static final String FILE = "seed-1.csv";
    static final long SEED = 1;

    private static final String HEAD = "scenario,strategy,requests,errors,mean,p50,p90,p99,p99.9,responses per request,"
            + "busiest over mean,bad share,bad share after 1 s,heal seconds,overshoot";

    private FirstSeed() {}

    static String row(Scenario scenario, Strategy strategy, Figures figures) {
        List<?> values = List.of(
                scenario,
                strategy,
                figures.requests(),
                figures.errors(),
                figures.mean(),
                figures.p50(),
                figures.p90(),
                figures.p99(),
                figures.p999(),
                figures.responsesPerRequest(),
                figures.busiestOverMean(),
                figures.badShare(),
                figures.badShareLater(),
                figures.healSeconds(),
                figures.overshoot());
        return String.join(",", values.stream().map(String::valueOf).toList());
    }

    static String file(List<String> rows) {
        return HEAD + "\n" + String.join("\n", rows) + "\n";
    }
}
