package io.lbclient.benchmarks.results;

import io.lbclient.test.sim.Figures;
import io.lbclient.test.sim.scenario.Compared;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** The means over all seeds, and the worst seed where that matters, as the page shows them. */
final class Summary {
    static final String FILE = "summary.csv";

    static final List<String> COLUMNS = List.of(
            "p50",
            "p99",
            "p99 worst",
            "p99 / best",
            "p99.9",
            "mean",
            "errors %",
            "errors % worst",
            "errors / best",
            "responses",
            "busiest",
            "bad %",
            "bad % after 1 s",
            "heal s worst",
            "overshoot worst");

    private Summary() {}

    static String row(Compared compared, List<Compared> peers) {
        DoubleStream values = DoubleStream.of(
                compared.mean(Figures::p50),
                compared.mean(Figures::p99),
                compared.most(Figures::p99),
                compared.overBest(Figures::p99, peers),
                compared.mean(Figures::p999),
                compared.mean(Figures::mean),
                100 * compared.mean(Figures::errorShare),
                100 * compared.most(Figures::errorShare),
                compared.overBest(Figures::errors, peers),
                compared.mean(Figures::responsesPerRequest),
                compared.mean(Figures::busiestOverMean),
                100 * compared.mean(Figures::badShare),
                100 * compared.mean(Figures::badShareLater),
                compared.most(Figures::healSeconds),
                compared.most(Figures::overshoot));
        return compared.scenario() + "," + compared.strategy() + ","
                + compared.runs().size() + ","
                + String.join(",", values.mapToObj(Summary::rounded).toList());
    }

    /** As many digits as mean something; nothing where the scenario has no such figure. */
    private static String rounded(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        if (Double.isInfinite(value)) {
            return "infinite";
        }
        return String.format(
                Locale.ROOT, Math.abs(value) >= 1000 ? "%.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.3f", value);
    }

    static String file(List<String> rows) {
        return "scenario,strategy,seeds," + String.join(",", COLUMNS) + "\n" + String.join("\n", rows) + "\n";
    }
}
