package io.lbclient.benchmarks.results;

import io.lbclient.test.sim.Second;
import io.lbclient.test.sim.scenario.Scenarios;
import io.lbclient.test.sim.scenario.Strategies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Latency over time, and the share of one server over time, for some strategies with the first seed. */
final class Plots {
    private static final List<String> STRATEGIES =
            List.of("adaptive", "prequal", "peakEwma", "powerOfTwoChoices", "roundRobin");

    /** Plots of the latency, by scenario. */
    private static final List<String> LATENCIES = List.of(
            "bursts", "antagonists", "load-ramp", "rolling-restart", "one-slow", "one-hang", "heal-fast-client-slow");

    /** Plots of a server's share: a scenario, and the number of the server. */
    private record Share(String scenario, int server) {}

    private static final List<Share> SHARES = List.of(
            new Share("one-slow", 3),
            new Share("one-fail-fast", 3),
            new Share("one-hang", 3),
            new Share("scale-out", 8),
            new Share("heal-fast-client-fail-fast", 3),
            new Share("heal-fast-client-slow", 3),
            new Share("heal-fast-client-hang", 3),
            new Share("heal-slow-clients-slow", 3));

    static final List<String> FILES = files();

    private final Path folder;

    Plots(Path folder) {
        this.folder = folder;
    }

    private static List<String> files() {
        List<String> files = new ArrayList<>();
        LATENCIES.forEach(scenario -> files.add(scenario + ".latency.png"));
        SHARES.forEach(share -> files.add(share.scenario + ".share.png"));
        return List.copyOf(files);
    }

    void write() throws IOException {
        for (String scenario : LATENCIES) {
            plot(scenario, scenario + ".latency", "p99 in each second, ms", true, Second::p99);
        }
        for (Share share : SHARES) {
            String axis = "share of server " + share.server + ", %";
            plot(share.scenario, share.scenario + ".share", axis, false, second -> 100 * second.share(share.server));
        }
    }

    private void plot(String scenario, String file, String axis, boolean log, ToDoubleFunction<Second> value)
            throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(340)
                .title(scenario)
                .xAxisTitle("seconds")
                .yAxisTitle(axis)
                .theme(Styler.ChartTheme.Matlab)
                .build();
        chart.getStyler().setYAxisLogarithmic(log);
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        for (String strategy : STRATEGIES) {
            List<Double> times = new ArrayList<>();
            List<Double> values = new ArrayList<>();
            for (Second second : Scenarios.named(scenario).watch(Strategies.named(strategy), FirstSeed.SEED)) {
                double at = value.applyAsDouble(second);
                if (!Double.isNaN(at)) {
                    times.add((double) second.number());
                    values.add(at);
                }
            }
            chart.addSeries(strategy, times, values).setMarker(SeriesMarkers.NONE);
        }
        BitmapEncoder.saveBitmap(chart, folder.resolve(file).toString(), BitmapEncoder.BitmapFormat.PNG);
    }
}
