package io.lbclient.test.sim.scenario;

import io.lbclient.test.sim.Figures;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;

/**
 * Runs scenarios with strategies, each run on one thread and several runs at once; the command line prints a table.
 *
 * <p>Options: {@code --scenario a,b}, {@code --strategy a,b}, {@code --all}, {@code --seeds 1-10}, {@code --threads 2},
 * {@code --list}.
 */
public final class Comparison {
    private Comparison() {}

    /**
     * Runs the program.
     *
     * @param args the options
     * @throws ExecutionException if a run fails
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws ExecutionException, InterruptedException {
        CommandLine options = CommandLine.parse(args);
        if (options.list()) {
            Scenarios.all().forEach(System.out::println);
            Scenarios.retries().forEach(System.out::println);
            Strategies.all().forEach(System.out::println);
            return;
        }
        System.out.println(
                "means over " + options.seeds().size() + " seeds; max, /best, heal and over: the worst of them");
        run(options.scenarios(), options.strategies(), options.seeds(), options.threads(), Comparison::print);
    }

    private static void print(Scenario scenario, List<Compared> compared) {
        System.out.println();
        System.out.println(scenario.name());
        System.out.printf(
                "  %-20s %9s %9s %9s %7s %9s %9s %8s %8s %8s %7s %7s %7s %9s %9s %6s %6s%n",
                "strategy",
                "p50",
                "p99",
                "p99max",
                "/best",
                "p99.9",
                "mean",
                "errors",
                "err%",
                "err%max",
                "/best",
                "resp/rq",
                "busiest",
                "bad%",
                "bad%>1s",
                "heal",
                "over");
        compared.forEach(one -> System.out.println(row(one, compared)));
    }

    /** Means over the seeds, and the worst seed where the head says max, for {@code /best}, heal and over. */
    private static String row(Compared one, List<Compared> peers) {
        return String.format(
                Locale.ROOT,
                "  %-20s %9.3f %9.3f %9.3f %7.3f %9.3f %9.3f %8.1f %8.4f %8.4f %7.3f %7.4f %7.3f %9.4f %9.4f %6.1f %6.3f",
                one.strategy(),
                one.mean(Figures::p50),
                one.mean(Figures::p99),
                one.most(Figures::p99),
                one.overBest(Figures::p99, peers),
                one.mean(Figures::p999),
                one.mean(Figures::mean),
                one.mean(Figures::errors),
                100 * one.mean(Figures::errorShare),
                100 * one.most(Figures::errorShare),
                one.overBest(Figures::errors, peers),
                one.mean(Figures::responsesPerRequest),
                one.mean(Figures::busiestOverMean),
                100 * one.mean(Figures::badShare),
                100 * one.mean(Figures::badShareLater),
                one.most(Figures::healSeconds),
                one.most(Figures::overshoot));
    }

    /**
     * Runs every scenario with every strategy and every seed.
     *
     * @param scenarios the scenarios
     * @param strategies the strategies
     * @param seeds the seeds, at least one
     * @param threads how many runs go on at once, at least 1
     * @param then told of each scenario when all its runs are over, in the order of the list, by the calling thread
     * @throws ExecutionException if a run fails
     * @throws InterruptedException if the thread is interrupted
     */
    public static void run(
            List<Scenario> scenarios,
            List<Strategy> strategies,
            List<Long> seeds,
            int threads,
            BiConsumer<Scenario, List<Compared>> then)
            throws ExecutionException, InterruptedException {
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<List<List<Future<Figures>>>> all = new ArrayList<>();
            for (Scenario scenario : scenarios) {
                all.add(strategies.stream()
                        .map(strategy -> start(workers, scenario, strategy, seeds))
                        .toList());
            }
            for (int i = 0; i < all.size(); i++) {
                List<Compared> compared = new ArrayList<>();
                for (int j = 0; j < strategies.size(); j++) {
                    List<Figures> runs = new ArrayList<>();
                    for (Future<Figures> run : all.get(i).get(j)) {
                        runs.add(run.get());
                    }
                    compared.add(new Compared(scenarios.get(i), strategies.get(j), runs));
                }
                then.accept(scenarios.get(i), compared);
            }
        } finally {
            workers.shutdownNow();
        }
    }

    private static List<Future<Figures>> start(
            ExecutorService workers, Scenario scenario, Strategy strategy, List<Long> seeds) {
        return seeds.stream()
                .<Future<Figures>>map(seed -> workers.submit(() -> scenario.run(strategy, seed)))
                .toList();
    }
}
