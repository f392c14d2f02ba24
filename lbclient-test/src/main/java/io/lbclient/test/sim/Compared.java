package io.lbclient.test.sim;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * The figures of one strategy in one scenario, run with several seeds.
 *
 * @param scenario the scenario
 * @param strategy the strategy
 * @param runs the figures, one for each seed
 */
public record Compared(Scenario scenario, Strategy strategy, List<Figures> runs) {
    /**
     * Strategies that are no measure for others: one knows what nobody can, one is for another purpose, and one is the
     * default strategy itself among servers that tell it more.
     */
    private static final Set<String> APART = Set.of("omniscient", "ringHash", "adaptive+reports");

    /**
     * Copies the list.
     *
     * @param scenario the scenario
     * @param strategy the strategy
     * @param runs the figures, one for each seed, at least one
     */
    public Compared {
        runs = List.copyOf(runs);
        Checks.atLeast("runs", runs.size(), 1);
    }

    /**
     * Returns the mean of a figure over the seeds.
     *
     * @param figure the figure
     * @return the mean; NaN if the scenario has no such figure
     */
    public double mean(ToDoubleFunction<Figures> figure) {
        return runs.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }

    /**
     * Returns the greatest of a figure over the seeds.
     *
     * @param figure the figure
     * @return the greatest; NaN if the scenario has no such figure
     */
    public double most(ToDoubleFunction<Figures> figure) {
        return runs.stream().mapToDouble(figure).max().orElse(Double.NaN);
    }

    /**
     * Returns how many times a figure is that of the best strategy, for the seed for which this is worst.
     *
     * @param figure a figure of which less is better, such as {@code Figures::p99} or {@code Figures::errors}
     * @param peers all that were run in the same scenario with the same seeds; the omniscient bound, hashing, and the
     *     default strategy with reports count for themselves only
     * @return 1 if this is the best with every seed; infinite if the best has none at all, and this has
     */
    public double overBest(ToDoubleFunction<Figures> figure, List<Compared> peers) {
        double worst = 1;
        for (int i = 0; i < runs.size(); i++) {
            double own = figure.applyAsDouble(runs.get(i));
            double best = own;
            for (Compared peer : peers) {
                if (!APART.contains(peer.strategy.name())) {
                    best = Math.min(best, figure.applyAsDouble(peer.runs.get(i)));
                }
            }
            worst = Math.max(worst, own == best ? 1 : own / best);
        }
        return worst;
    }

    /**
     * Returns the names of the columns of {@link #row}.
     *
     * @return the head of a table, as wide as its rows
     */
    public static String head() {
        return String.format(
                Locale.ROOT,
                "%-20s %9s %9s %9s %7s %9s %9s %8s %8s %8s %7s %7s %7s %9s %9s %6s %6s",
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
    }

    /**
     * Returns the figures as a line of text: means over the seeds, and the worst seed where the head says max, for {@code /best}, {@code heal} and {@code over}.
     *
     * @param peers all that were run in the same scenario with the same seeds
     * @return the line
     */
    public String row(List<Compared> peers) {
        return String.format(
                Locale.ROOT,
                "%-20s %9.3f %9.3f %9.3f %7.3f %9.3f %9.3f %8.1f %8.4f %8.4f %7.3f %7.4f %7.3f %9.4f %9.4f %6.1f %6.3f",
                strategy.name(),
                mean(Figures::p50),
                mean(Figures::p99),
                most(Figures::p99),
                overBest(Figures::p99, peers),
                mean(Figures::p999),
                mean(Figures::mean),
                mean(Figures::errors),
                100 * mean(Figures::errorShare),
                100 * most(Figures::errorShare),
                overBest(Figures::errors, peers),
                mean(Figures::responsesPerRequest),
                mean(Figures::busiestOverMean),
                100 * mean(Figures::badShare),
                100 * mean(Figures::badShareLater),
                most(Figures::healSeconds),
                most(Figures::overshoot));
    }
}
