package io.lbclient.benchmarks.results;

import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.Strategy;
import io.lbclient.test.sim.scenario.Compared;
import io.lbclient.test.sim.scenario.Comparison;
import io.lbclient.test.sim.scenario.Scenarios;
import io.lbclient.test.sim.scenario.Strategies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;

/**
 * Runs every scenario with every strategy and ten seeds, and writes the tables and the plots into a folder.
 *
 * <p>Arguments: the folder, and after it how many seeds (default 10).
 */
public final class Results {
    private static final int SEEDS = 10;

    private Results() {}

    /**
     * Runs the program.
     *
     * @param args the folder, and how many seeds
     * @throws IOException if a file cannot be written
     * @throws ExecutionException if a run fails
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws IOException, ExecutionException, InterruptedException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        int seeds = args.length > 1 ? Integer.parseInt(args[1]) : SEEDS;
        List<List<Compared>> all = run(seeds);
        List<String> firstSeed = new ArrayList<>();
        List<String> summary = new ArrayList<>();
        for (List<Compared> scenario : all) {
            for (Compared compared : scenario) {
                firstSeed.add(FirstSeed.row(
                        compared.scenario(),
                        compared.strategy(),
                        compared.runs().get(0)));
                summary.add(Summary.row(compared, scenario));
            }
        }
        // Only now, so that a run that is broken off leaves the old files as they were, all of one make.
        Files.writeString(folder.resolve(FirstSeed.FILE), FirstSeed.file(firstSeed));
        Files.writeString(folder.resolve(Summary.FILE), Summary.file(summary));
        Files.writeString(folder.resolve(Page.FILE), Page.of(summary, Plots.FILES));
        new Plots(folder).write();
    }

    private static List<List<Compared>> run(int seeds) throws ExecutionException, InterruptedException {
        List<Scenario> scenarios = Scenarios.all();
        List<Strategy> strategies = Strategies.all();
        List<List<Compared>> all = new ArrayList<>();
        long begin = System.nanoTime();
        Comparison.run(
                scenarios,
                strategies,
                LongStream.rangeClosed(1, seeds).boxed().toList(),
                Runtime.getRuntime().availableProcessors(),
                (scenario, compared) -> {
                    all.add(compared);
                    System.out.printf(
                            "%d of %d scenarios after %d s: %s%n",
                            all.size(), scenarios.size(), (System.nanoTime() - begin) / 1_000_000_000L, scenario);
                });
        return all;
    }
}
