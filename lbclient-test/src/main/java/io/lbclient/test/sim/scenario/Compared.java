package io.lbclient.test.sim.scenario;

import io.lbclient.test.sim.Figures;
import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.Strategy;
import java.util.List;
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
     * @throws IllegalArgumentException if there is none
     */
    public Compared {
        runs = List.copyOf(runs);
        if (runs.isEmpty()) {
            throw new IllegalArgumentException("runs: 0 (expected: at least 1)");
        }
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
}
