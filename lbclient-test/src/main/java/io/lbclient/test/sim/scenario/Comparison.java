package io.lbclient.test.sim.scenario;

import io.lbclient.test.sim.Figures;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.Strategies;
import io.lbclient.test.sim.Strategy;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;

/**
 * The command line: runs scenarios with strategies and prints a table of the figures.
 *
 * <p>{@code --scenario a,b}, {@code --strategy a,b}, {@code --all}, {@code --seeds 1-10}, {@code --threads 2}, {@code
 * --list}.
 */
public final class Comparison {
    private final PrintStream out;
    private final CommandLine options;

    private Comparison(PrintStream out, CommandLine options) {
        this.out = out;
        this.options = options;
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @throws ExecutionException if a run fails
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws ExecutionException, InterruptedException {
        CommandLine options = CommandLine.parse(args);
        new Comparison(System.out, options).run();
    }

    private void run() throws ExecutionException, InterruptedException {
        if (options.list()) {
            Scenarios.all().forEach(out::println);
            Strategies.all().forEach(out::println);
            return;
        }
        ExecutorService threads = Executors.newFixedThreadPool(options.threads());
        try {
            List<Row> rows = new ArrayList<>();
            for (Scenario scenario : options.scenarios()) {
                for (Strategy strategy : options.strategies()) {
                    rows.add(new Row(scenario, strategy, runs(threads, scenario, strategy)));
                }
            }
            print(rows);
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Future<Figures>> runs(ExecutorService threads, Scenario scenario, Strategy strategy) {
        return options.seeds().stream()
                .<Future<Figures>>map(seed -> threads.submit(() -> scenario.run(strategy, seed)))
                .toList();
    }

    private record Row(Scenario scenario, Strategy strategy, List<Future<Figures>> runs) {}

    private void print(List<Row> rows) throws ExecutionException, InterruptedException {
        Scenario last = null;
        for (Row row : rows) {
            if (row.scenario != last) {
                last = row.scenario;
                out.println();
                out.println(last.name() + ", mean of " + options.seeds().size() + " seeds (max: the worst of them)");
                out.printf(
                        Locale.ROOT,
                        "  %-20s %9s %9s %9s %9s %9s %8s %8s %8s %7s %7s %9s %9s %6s %6s%n",
                        "strategy",
                        "p50",
                        "p99",
                        "p99max",
                        "p99.9",
                        "mean",
                        "errors",
                        "err%",
                        "err%max",
                        "resp/rq",
                        "busiest",
                        "bad%",
                        "bad%>1s",
                        "heal",
                        "over");
            }
            List<Figures> figures = new ArrayList<>();
            for (Future<Figures> run : row.runs) {
                figures.add(run.get());
            }
            print(row.strategy.name(), figures);
        }
    }

    private void print(String strategy, List<Figures> all) {
        out.printf(
                Locale.ROOT,
                "  %-20s %9.3f %9.3f %9.3f %9.3f %9.3f %8.1f %8.4f %8.4f %7.4f %7.3f %9.4f %9.4f %6.1f %6.3f%n",
                strategy,
                mean(all, Figures::p50),
                mean(all, Figures::p99),
                max(all, Figures::p99),
                mean(all, Figures::p999),
                mean(all, Figures::mean),
                mean(all, Figures::errors),
                100 * mean(all, Figures::errorShare),
                100 * max(all, Figures::errorShare),
                mean(all, Figures::responsesPerRequest),
                mean(all, Figures::busiestOverMean),
                100 * mean(all, Figures::badShare),
                100 * mean(all, Figures::badShareLater),
                max(all, Figures::healSeconds),
                max(all, Figures::overshoot));
        out.flush();
    }

    private static double mean(List<Figures> all, ToDoubleFunction<Figures> figure) {
        return all.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }

    private static double max(List<Figures> all, ToDoubleFunction<Figures> figure) {
        return all.stream().mapToDouble(figure).max().orElse(Double.NaN);
    }
}
