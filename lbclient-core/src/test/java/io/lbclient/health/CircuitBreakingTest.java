package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.CircuitBreakerBuilder;
import io.lbclient.Attempt;
import io.lbclient.HealthCause;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CircuitBreakingTest {
    private static final Duration DELAY = Duration.ofMinutes(1);

    private final Lab lab = new Lab();

    private static CircuitBreakerBuilder<Object> settings() {
        return CircuitBreaker.builder()
                .withFailureThreshold(3, 5)
                .withSuccessThreshold(3)
                .withDelay(DELAY);
    }

    private static boolean open(ServerPool pool) {
        return Lab.has(pool, 0, HealthCause.BREAKER);
    }

    private ServerPool openedPool(CircuitBreakerBuilder<?> settings) {
        ServerPool pool = lab.pool(2, CircuitBreaking.of(settings));
        lab.send(pool, 0, Outcome.FAILURE, 5);
        assertThat(open(pool)).isTrue();
        return pool;
    }

    private void waitForHalfOpen() {
        lab.scheduler.advance(DELAY);
        lab.scheduler.runDue();
    }

    @Test
    void theSettingsDecideWhenABreakerOpens() {
        ServerPool pool = lab.pool(2, CircuitBreaking.of(settings()));
        lab.send(pool, 0, Outcome.FAILURE, 2);
        lab.send(pool, 0, Outcome.SUCCESS, 1);
        lab.send(pool, 0, Outcome.CANCELLED, 10);
        lab.send(pool, 0, Outcome.NOT_SENT, 10);
        assertThat(open(pool)).isFalse();
        lab.send(pool, 0, Outcome.TIMEOUT, 1);
        lab.send(pool, 0, Outcome.SUCCESS, 1);
        assertThat(open(pool)).isTrue();
        assertThat(lab.lastDetail()).startsWith("its circuit breaker opened: 3 of ");
        assertThat(Lab.of(pool, 1).causes()).isEmpty();
    }

    @Test
    void anOpenBreakerGetsNothingUntilItsDelayIsOver() {
        ServerPool pool = openedPool(settings());
        long before = Lab.of(pool, 0).picks();
        lab.scheduler.advance(DELAY.minusSeconds(1));
        lab.send(pool, 0, Outcome.SUCCESS, 100);
        assertThat(Lab.of(pool, 0).picks()).isEqualTo(before);
    }

    @ParameterizedTest
    @DisplayName("a half-open breaker lets through exactly what it permits, at whatever load")
    @ValueSource(ints = {1, 2, 3, 10})
    void exactlyThePermittedTrials(int permitted) {
        ServerPool pool = openedPool(settings().withSuccessThreshold(permitted));
        long before = Lab.of(pool, 0).picks();
        waitForHalfOpen();
        List<Attempt> trials = new ArrayList<>();
        for (int i = 0; i < permitted; i++) {
            for (int k = 0; k < 50; k++) {
                // A hundred requests and more, of which one goes there until it has ended.
                Attempt attempt = lab.pick(pool, 1);
                if (attempt.server().id().equals("s0")) {
                    trials.add(attempt);
                } else {
                    attempt.complete(Outcome.SUCCESS);
                }
                lab.scheduler.runDue();
            }
            assertThat(trials).hasSize(i + 1);
            assertThat(open(pool)).isTrue();
            trials.get(i).complete(Outcome.SUCCESS);
            lab.scheduler.runDue();
        }
        assertThat(open(pool)).isFalse();
        assertThat(Lab.of(pool, 0).picks() - before).isEqualTo(permitted);
        assertThat(lab.lastDetail()).isEqualTo("its trial requests succeeded: its circuit breaker closed");
    }

    @Test
    void aTrialThatFailsOpensTheBreakerForAnotherDelay() {
        ServerPool pool = openedPool(settings());
        for (int round = 0; round < 5; round++) {
            long before = Lab.of(pool, 0).picks();
            waitForHalfOpen();
            lab.send(pool, 1, Outcome.FAILURE, 1);
            lab.send(pool, 1, Outcome.SUCCESS, 50);
            lab.scheduler.advance(DELAY.minusSeconds(1));
            lab.send(pool, 1, Outcome.SUCCESS, 50);
            assertThat(Lab.of(pool, 0).picks() - before).isOne();
            assertThat(open(pool)).isTrue();
            lab.scheduler.advance(Duration.ofSeconds(1));
            lab.scheduler.runDue();
            lab.send(pool, 1, Outcome.FAILURE, 1);
        }
        waitForHalfOpen();
        lab.send(pool, 1, Outcome.SUCCESS, 3);
        assertThat(open(pool)).isFalse();
    }

    @Test
    void aTrialWithoutAVerdictIsMadeAgain() {
        ServerPool pool = openedPool(settings().withSuccessThreshold(2));
        long before = Lab.of(pool, 0).picks();
        waitForHalfOpen();
        lab.send(pool, 1, Outcome.CANCELLED, 1);
        lab.send(pool, 1, Outcome.SUCCESS, 2);
        assertThat(open(pool)).isFalse();
        assertThat(Lab.of(pool, 0).picks() - before).isEqualTo(3);
    }

    @Test
    void aBreakerWithoutADelayDoesNotKeepTheSchedulerBusy() {
        openedPool(settings().withDelay(Duration.ZERO));
        assertThat(lab.scheduler.advance(Duration.ofSeconds(1)))
                .as("one task each 10 ms, and those of the pool")
                .isLessThan(500);
    }

    @Test
    void whatWasSentBeforeTheBreakerOpenedCountsForNothing() {
        ServerPool pool = lab.pool(2, CircuitBreaking.of(settings()));
        List<Attempt> late = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            late.add(lab.pick(pool, 0));
        }
        lab.send(pool, 0, Outcome.FAILURE, 5);
        waitForHalfOpen();
        late.subList(0, 10).forEach(attempt -> attempt.complete(Outcome.SUCCESS));
        lab.scheduler.runDue();
        assertThat(open(pool)).isTrue();
        late.subList(10, 20).forEach(attempt -> attempt.complete(Outcome.FAILURE));
        lab.scheduler.runDue();
        lab.send(pool, 1, Outcome.SUCCESS, 3);
        assertThat(open(pool)).isFalse();
    }

    @Test
    void anOfferThatNobodyTakesStandsUntilSomebodyDoes() {
        ServerPool pool = openedPool(settings().withSuccessThreshold(2));
        long before = Lab.of(pool, 0).picks();
        lab.scheduler.advance(DELAY.multipliedBy(10));
        lab.send(pool, 1, Outcome.SUCCESS, 2);
        assertThat(open(pool)).isFalse();
        assertThat(Lab.of(pool, 0).picks() - before).isEqualTo(2);
    }

    @Test
    void trialsThatNeverEndDoNotKeepAServerOutForEver() {
        ServerPool pool = openedPool(settings().withSuccessThreshold(2));
        waitForHalfOpen();
        for (int i = 0; i < 5; i++) {
            assertThat(lab.pick(pool, 1).server().id()).isEqualTo("s0");
            assertThat(lab.pick(pool, 1).server().id()).isEqualTo("s1");
            waitForHalfOpen();
        }
        for (int i = 0; i < 10 && open(pool); i++) {
            lab.send(pool, 1, Outcome.SUCCESS, 2);
            waitForHalfOpen();
        }
        assertThat(open(pool)).isFalse();
    }

    @Test
    void eachServerHasABreakerOfItsOwnAndTheTemplateIsLeftAlone() {
        CircuitBreaker<Object> template = settings().build();
        ServerPool pool = lab.pool(3, CircuitBreaking.of(template.getConfig()));
        lab.send(pool, 0, Outcome.FAILURE, 5);
        lab.send(pool, 2, Outcome.FAILURE, 2);
        assertThat(open(pool)).isTrue();
        assertThat(Lab.of(pool, 2).causes()).isEmpty();
        assertThat(template.getExecutionCount()).isZero();
    }

    @Test
    void ifAllBreakersAreOpenTheServersAreStillPicked() {
        ServerPool pool = lab.pool(1, CircuitBreaking.of(settings()));
        lab.send(pool, 0, Outcome.FAILURE, 100);
        assertThat(open(pool)).isTrue();
        waitForHalfOpen();
        lab.send(pool, 0, Outcome.SUCCESS, 4);
        assertThat(open(pool)).isFalse();
    }

    @Test
    void aServerThatLeavesAndAPoolThatClosesLeaveNothingBehind() {
        ServerPool pool = lab.pool(3, CircuitBreaking.of(settings()));
        lab.send(pool, 0, Outcome.FAILURE, 3);
        lab.send(pool, 1, Outcome.FAILURE, 3);
        assertThat(lab.changes).hasSize(2);
        pool.remove("s0");
        lab.scheduler.runDue();
        assertThat(lab.scheduler.waiting()).isOne();
        pool.close();
        lab.scheduler.runDue();
        assertThat(lab.scheduler.waiting()).isZero();
    }
}
