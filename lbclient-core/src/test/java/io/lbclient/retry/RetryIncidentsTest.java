package io.lbclient.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.HealthMonitor;
import io.lbclient.RetryBudget;
import io.lbclient.retry.RetrySimulation.Stretch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Outages that others had, in simulated time. */
class RetryIncidentsTest {
    private static final RetryBudget USUAL = RetryBudget.of(RetryBudget.DEFAULT_SHARE, RetryBudget.DEFAULT_FLOOR);

    private static final ConcurrencyLimits LIMITS =
            ConcurrencyLimits.aimd().timeout(Duration.ofMillis(200)).build();

    private static RetrySimulation simulation(int servers, double capacity, RetryBudget budget, HealthMonitor... all) {
        return new RetrySimulation(new Backends(servers, capacity, 500), servers, budget, all);
    }

    @Test
    @DisplayName("I1: 60 s of 100 % failures at 1000 requests a second are at most 1.11 times that at the servers, "
            + "and 1.01 times 5 s after")
    void retryStorm() {
        RetrySimulation client = simulation(5, 5000, USUAL, HealthMonitor.consecutiveFailures(5));
        assertThat(client.run(30, 1000).goodput()).isGreaterThan(0.999);
        for (int i = 0; i < 5; i++) {
            client.backends.failsFast(i, true);
        }
        client.run(1, 1000);
        for (int second = 2; second <= 60; second++) {
            assertThat(client.run(1, 1000).load()).as("second " + second).isLessThanOrEqualTo(1.11);
        }
        for (int i = 0; i < 5; i++) {
            client.backends.failsFast(i, false);
        }
        client.run(5, 1000);
        Stretch healed = client.run(10, 1000);
        assertThat(healed.load()).isLessThanOrEqualTo(1.01);
        assertThat(healed.goodput()).isGreaterThan(0.99);
    }

    @Test
    @DisplayName(
            "I2: capacity 1000, load 900; after capacity was halved for 10 s, 95 % of the goodput is back within 10 s")
    void metastability() {
        RetrySimulation client = simulation(5, 1000, USUAL, LIMITS);
        double before = client.run(20, 900).goodput();
        assertThat(before).isGreaterThan(0.99);
        client.backends.capacity(500);
        client.run(10, 900);
        client.backends.capacity(1000);
        client.run(10, 900);

        List<Double> after = new ArrayList<>();
        for (int second = 0; second < 10; second++) {
            after.add(client.run(1, 900).goodput());
        }
        assertThat(after).allSatisfy(goodput -> assertThat(goodput).isGreaterThanOrEqualTo(0.95 * before));
    }

    @Test
    @DisplayName("I2: and this is what retries without a budget and without limits do in the same place")
    void metastabilityIsReal() {
        RetrySimulation client = simulation(5, 1000, RetryBudgets.unlimited());
        client.run(20, 900);
        client.backends.capacity(500);
        client.run(10, 900);
        client.backends.capacity(1000);
        client.run(10, 900);

        assertThat(client.run(10, 900).goodput())
                .as("it does not come back by itself")
                .isLessThan(0.5);
    }

    @Test
    @DisplayName("I3: one of ten servers fails in a millisecond: its share falls to 0.7 % within a second")
    void blackHoleByFastFailure() {
        RetrySimulation client = simulation(10, 10_000, USUAL, HealthMonitor.consecutiveFailures(5));
        client.run(10, 2000);
        client.backends.failsFast(3, true);
        client.run(1, 2000);
        long before = client.backends.seen(3);
        Stretch rest = client.run(20, 2000);

        assertThat((double) (client.backends.seen(3) - before) / rest.attempts())
                .isLessThanOrEqualTo(0.007);
        assertThat(rest.failed()).isZero();
        assertThat(rest.load()).isLessThanOrEqualTo(1.02);
    }

    @Test
    @DisplayName(
            "I28: at five times the load, limits keep the goodput at 95 % of capacity, and attempts at 1.2 times what is served")
    void overload() {
        RetrySimulation client = simulation(5, 1000, USUAL, LIMITS);
        client.run(10, 500);
        client.run(10, 5000);
        Stretch overload = client.run(30, 5000);

        assertThat(overload.good() / 30.0).as("goodput a second").isGreaterThanOrEqualTo(950);
        assertThat((double) overload.attempts() / overload.good()).isLessThanOrEqualTo(1.2);
    }

    @Test
    @DisplayName("I28: the gradient keeps the goodput too, without being told what is too late")
    void overloadWithTheGradient() {
        RetrySimulation client =
                simulation(5, 1000, USUAL, ConcurrencyLimits.gradient().build());
        client.run(10, 500);
        client.run(10, 5000);
        Stretch overload = client.run(30, 5000);

        assertThat(overload.good() / 30.0).as("goodput a second").isGreaterThanOrEqualTo(950);
        assertThat((double) overload.attempts() / overload.good()).isLessThanOrEqualTo(1.2);
    }
}
