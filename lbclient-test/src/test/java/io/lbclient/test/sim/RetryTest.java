package io.lbclient.test.sim;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.failsafe.RetryPolicy;
import dev.failsafe.RetryPolicyBuilder;
import io.lbclient.Outcome;
import io.lbclient.RetryBudget;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.balancer.Balancers;
import io.lbclient.retry.RetryBudgets;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Simulated clients that retry as the adapters do: by a Failsafe policy, within the budget of their pools. */
class RetryTest {
    private static final Duration END = ofSeconds(30);

    private static Traffic light() {
        return Traffic.of(1, Rate.of(100), Work.constant(ofMillis(5))).even().timeout(ofMillis(500));
    }

    private static RetryPolicyBuilder<Outcome> policy() {
        return RetryPolicy.<Outcome>builder().handleResultIf(Outcome::failure);
    }

    private static Scenario.Builder servers(int count) {
        return Scenario.builder("retries")
                .servers(count, ServerModel.queueing(10))
                .lasts(END, Duration.ZERO);
    }

    /** All of these pools take turns and eject nobody. */
    private static Strategy turns(Consumer<ServerPoolBuilder> settings) {
        return Strategy.settings(
                "turns",
                settings.andThen(pool -> pool.balancer(Balancers.roundRobin()).healthMonitors()));
    }

    private static final Strategy NO_BUDGET = turns(pool -> pool.retryBudget(RetryBudgets.unlimited()));

    private static Scenario oneBad(Fault fault, Traffic traffic) {
        return servers(2).traffic(traffic).fault(fault, Duration.ZERO, END, 0).build();
    }

    private static Scenario allBad(Traffic traffic) {
        return servers(2)
                .traffic(traffic)
                .fault(Fault.failFast(1, ofMillis(1)), Duration.ZERO, END.multipliedBy(2), 0, 1)
                .build();
    }

    @Test
    void delaysPassInSimulatedTime() {
        Traffic patient = light().retry(policy().withDelay(ofMillis(40)).build());

        Figures figures = oneBad(Fault.failFast(1, ofMillis(1)), patient).run(NO_BUDGET, 1);

        assertThat(figures.errors()).isZero();
        assertThat(figures.p99()).isCloseTo(1 + 40 + 5 + 2 * 0.2, within(1e-6));
    }

    @Test
    void jitterIsDrawnFromTheSeedAndStaysWithinItsBounds() {
        Traffic jittery =
                light().retry(policy().withDelay(ofMillis(40)).withJitter(0.5).build());
        Scenario scenario = oneBad(Fault.failFast(1, ofMillis(1)), jittery);

        // All begin at the bad server, so each of them is retried.
        Strategy first = Strategy.settings(
                "first",
                pool -> pool.balancer(Balancers.firstAvailable())
                        .healthMonitors()
                        .retryBudget(RetryBudgets.unlimited()));

        Figures figures = scenario.run(first, 1);

        assertThat(figures).isEqualTo(scenario.run(first, 1)).isNotEqualTo(scenario.run(first, 2));
        assertThat(figures.mean()).isCloseTo(1 + 40 + 5.4, within(0.5));
        assertThat(figures.p90()).isCloseTo(1 + 20 + 0.9 * 40 + 5.4, within(0.5));
        assertThat(figures.p999()).isBetween(65.0, 1 + 60 + 5.4);
    }

    @Test
    void thePolicySaysHowOften() {
        for (int more = 0; more <= 3; more++) {
            Traffic stubborn = light().retry(policy().withMaxRetries(more).build());

            Figures figures = allBad(stubborn).run(NO_BUDGET, 1);

            assertThat(figures.errors()).isEqualTo(figures.requests());
            assertThat(figures.responsesPerRequest()).isEqualTo(1 + more);
        }
    }

    @Test
    void thePolicySaysWhatIsAFailure() {
        RetryPolicy<Outcome> overloadOnly = RetryPolicy.<Outcome>builder()
                .handleResult(Outcome.OVERLOADED)
                .withMaxRetries(3)
                .build();

        Figures figures = allBad(light().retry(overloadOnly)).run(NO_BUDGET, 1);

        assertThat(figures.responsesPerRequest()).isEqualTo(1);
    }

    @Test
    void theBudgetOfThePoolHasTheLastWord() {
        Traffic clients = light().retry(policy().withMaxRetries(3).build());

        assertThat(allBad(clients)
                        .run(turns(pool -> pool.retryBudget(RetryBudget.of(0, 0))), 1)
                        .responsesPerRequest())
                .isEqualTo(1);
        // A tenth of 3000 requests, but what the last ten seconds could have saved: none is saved in an outage.
        assertThat(allBad(clients)
                        .run(turns(pool -> pool.retryBudget(RetryBudget.of(0.1, 0))), 1)
                        .responsesPerRequest())
                .isBetween(1.095, 1.1);
    }

    @Test
    void aFailureToConnectMovesOnAtOnceButIsPaidFor() {
        Traffic slowToRetry =
                light().retry(policy().withDelay(ofSeconds(5)).withMaxRetries(1).build());

        Figures free = oneBad(Fault.refuse(), slowToRetry).run(NO_BUDGET, 1);
        Figures broke =
                oneBad(Fault.refuse(), slowToRetry).run(turns(pool -> pool.retryBudget(RetryBudget.of(0, 0))), 1);

        assertThat(free.errors()).isZero();
        assertThat(free.p999()).isLessThan(6);
        assertThat(broke.errors()).isEqualTo(broke.requests() / 2);
    }

    @Test
    void theOrdinaryRetryIsThatOfTheAdapters() {
        Figures fails = allBad(light().retry()).run(NO_BUDGET, 1);
        Figures hangs = oneBad(Fault.hang(), light().retry()).run(NO_BUDGET, 1);

        assertThat(fails.responsesPerRequest()).isEqualTo(3);
        assertThat(hangs.errors()).isZero();
        assertThat(hangs.p999()).isBetween(520.0, 500 + 25 + 5.4);
    }

    @Test
    void aRunEndsWhenTheLastPauseHasEnded() {
        Traffic slowToRetry = light().retry(policy().withDelay(ofSeconds(60)).build());

        Figures figures = oneBad(Fault.failFast(1, ofMillis(1)), slowToRetry).run(NO_BUDGET, 1);

        assertThat(figures.errors()).isZero();
        assertThat(figures.p999()).isGreaterThan(60_000);
    }

    @Test
    void whatFailsafeWouldMeasureOrDrawByItselfIsRejected() {
        assertThatThrownBy(() ->
                        light().retry(policy().withMaxDuration(ofSeconds(1)).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxDuration: PT1S (expected: none, since Failsafe measures it by the real clock)");
        assertThatThrownBy(() -> light().retry(
                                policy().withDelay(ofMillis(1), ofMillis(5)).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("delay: PT0.001S to PT0.005S (expected: a fixed one");
    }
}
