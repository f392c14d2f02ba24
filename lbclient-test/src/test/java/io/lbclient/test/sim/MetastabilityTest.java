package io.lbclient.test.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.HealthMonitor;
import io.lbclient.retry.ConcurrencyLimits;
import io.lbclient.retry.RetryBudgets;
import io.lbclient.test.sim.scenario.Scenarios;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Capacity 1000, load 900, capacity halved from second 20 to second 30. Everything is the library's own: pools, retries,
 * budget and limits.
 */
class MetastabilityTest {
    private static final Strategy AS_IT_COMES = Strategy.settings("as it comes", pool -> {});
    private static final Strategy NO_BUDGET =
            Strategy.settings("no budget", pool -> pool.retryBudget(RetryBudgets.unlimited()));
    private static final Strategy LIMITS = Strategy.settings(
            "limits",
            pool -> pool.healthMonitors(
                    HealthMonitor.consecutiveFailures(5),
                    ConcurrencyLimits.aimd().timeout(Duration.ofMillis(200)).build()));

    /** Good answers a second, before and after the ten seconds in which the capacity was halved. */
    private record Goodput(double before, double firstTen, double nextTen) {
        static Goodput of(String scenario, Strategy strategy, long seed) {
            List<Second> seconds = Scenarios.named(scenario).watch(strategy, seed);
            double before = mean(seconds, 10);
            assertThat(before).isBetween(850.0, 930.0);
            return new Goodput(before, mean(seconds, 30), mean(seconds, 40));
        }

        private static double mean(List<Second> seconds, int from) {
            return seconds.subList(from, from + 10).stream()
                    .mapToLong(Second::good)
                    .average()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @DisplayName("I2: with the budget that every pool has, 95 % of the goodput is back within 10 s")
    void theBudgetEndsIt(long seed) {
        Goodput goodput = Goodput.of("metastability", AS_IT_COMES, seed);

        assertThat(goodput.nextTen()).isGreaterThanOrEqualTo(0.95 * goodput.before());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @DisplayName("I2: without a budget the same retries keep the servers busy with what nobody waits for any more")
    void withoutABudgetItStays(long seed) {
        Goodput goodput = Goodput.of("metastability", NO_BUDGET, seed);

        assertThat(goodput.nextTen()).isLessThan(0.5 * goodput.before());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @DisplayName("I2: with limits it ends at once, also where servers queue without a bound")
    void limitsEndItAtOnce(long seed) {
        for (String scenario : List.of("metastability", "metastability-unbounded")) {
            Goodput goodput = Goodput.of(scenario, LIMITS, seed);

            assertThat(goodput.firstTen()).as(scenario).isGreaterThanOrEqualTo(0.95 * goodput.before());
            assertThat(goodput.nextTen()).as(scenario).isGreaterThanOrEqualTo(0.95 * goodput.before());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @DisplayName("I2: where servers queue without a bound, a budget alone does not end it: that takes limits")
    void aBacklogWithoutABoundOutlivesTheBudget(long seed) {
        Goodput goodput = Goodput.of("metastability-unbounded", AS_IT_COMES, seed);

        assertThat(goodput.nextTen()).isLessThan(0.5 * goodput.before());
    }
}
