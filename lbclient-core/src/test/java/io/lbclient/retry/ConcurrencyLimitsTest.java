package io.lbclient.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import io.lbclient.Threads;
import io.lbclient.balancer.Balancers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConcurrencyLimitsTest {
    private static final Duration MILLI = Duration.ofMillis(1);

    private final Limits lab = new Limits();

    @Test
    void aFullServerIsPassedOverAndWhenAllAreFullThePickSaysSo() {
        ServerPool pool = lab.pool(2, ConcurrencyLimits.fixed(3));
        List<Attempt> open = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            open.add(pool.pick());
        }
        assertThat(open.stream().map(a -> a.server().id())).containsExactly("s0", "s0", "s0", "s1", "s1", "s1");
        assertThatThrownBy(pool::pick)
                .isInstanceOf(NoServerAvailableException.class)
                .hasMessage("orders: no server has room (2 servers, all full)")
                .matches(e -> ((NoServerAvailableException) e).full());

        open.get(4).complete(Outcome.SUCCESS);
        assertThat(pool.pick().server().id()).isEqualTo("s1");
        open.get(0).close();
        assertThat(pool.pick().server().id()).isEqualTo("s0");
    }

    @Test
    void anAttemptThatIsAnsweredButNotCompleteTakesItsPlaceStill() {
        ServerPool pool = lab.pool(1, ConcurrencyLimits.fixed(1));
        Attempt open = pool.pick();
        open.answered();

        assertThatThrownBy(pool::pick).isInstanceOf(NoServerAvailableException.class);
        open.complete(Outcome.SUCCESS);
        assertThat(pool.pick().server().id()).isEqualTo("s0");
    }

    @Test
    void aRetryIsMadeWhereThereIsRoomEvenWhereItHasBeenAndNowhereElse() {
        ServerPool pool = lab.pool(2, ConcurrencyLimits.fixed(1));
        Attempt first = pool.pick();
        Attempt other = first.another();
        assertThat(other.server().id()).isEqualTo("s1");
        assertThat(other.hasAnother()).isFalse();
        assertThatThrownBy(other::another).matches(e -> ((NoServerAvailableException) e).full());

        first.complete(Outcome.OVERLOADED);
        assertThat(other.another().server().id()).isEqualTo("s0");
    }

    @Test
    void aNewcomerGetsNoMoreThanItsLimit() {
        ServerPool pool = lab.builder(
                        ConcurrencyLimits.aimd().initial(5).between(1, 50).build())
                .balancer(Balancers.leastRequests())
                .servers(Limits.servers(1))
                .build();
        for (int i = 0; i < 200; i++) {
            lab.end(pool, 5, MILLI, Outcome.SUCCESS);
        }
        assertThat(Limits.room(pool)).isGreaterThan(5);
        int before = Limits.room(pool);
        pool.add(Limits.server(1));

        List<Attempt> open = new ArrayList<>();
        for (int i = 0; i < before + 5; i++) {
            open.add(pool.pick());
        }
        assertThat(Limits.inFlight(pool, 1)).isEqualTo(5);
        assertThatThrownBy(pool::pick).isInstanceOf(NoServerAvailableException.class);
    }

    @Test
    void theLimitIsNeverExceededHoweverManyThreadsPick() throws Exception {
        int limit = 3;
        ServerPool pool = lab.builder(ConcurrencyLimits.fixed(limit))
                .balancer(Balancers.random())
                .servers(Limits.servers(2))
                .build();
        AtomicIntegerArray present = new AtomicIntegerArray(2);
        AtomicInteger exceeded = new AtomicInteger();
        Threads.run(8, thread -> () -> {
            for (int i = 0; i < 200_000; i++) {
                try (Attempt attempt = pool.pick()) {
                    int server = attempt.server().id().charAt(1) - '0';
                    if (present.incrementAndGet(server) > limit) {
                        exceeded.incrementAndGet();
                    }
                    if (i % 3 == 0) {
                        attempt.answered();
                    }
                    present.decrementAndGet(server);
                } catch (NoServerAvailableException e) {
                    // Full, which is the very thing that is tried here.
                }
            }
        });
        assertThat(exceeded).hasValue(0);
        assertThat(Limits.inFlight(pool)).isZero();
        assertThat(Limits.room(pool)).isEqualTo(2 * limit);
    }

    @Test
    void aPoolThatIsClosedLetsGoOfItsLimits() {
        ServerPool pool = lab.pool(1, ConcurrencyLimits.fixed(1));
        Attempt open = pool.pick();
        pool.close();

        assertThatThrownBy(pool::pick).hasMessageContaining("closed");
        assertThat(open.complete(Outcome.SUCCESS)).isTrue();
    }

    // Vectors of Netflix's concurrency-limits.

    @Test
    void aimdAgreesWithItsPublishedVectors() {
        assertThat(new AimdLimit(range(20, 20, 200), 0.9, 5_000_000_000L).sample(0, 1_000_000, 10, false))
                .isEqualTo(21);
        assertThat(new AimdLimit(range(30, 20, 200), 0.9, 5_000_000_000L).sample(0, 1_000_000, 0, true))
                .isEqualTo(27);
        assertThat(new AimdLimit(range(21, 20, 21), 0.9, 5_000_000_000L).sample(0, 1_000_000, 10, false))
                .isEqualTo(21);
        assertThat(new AimdLimit(range(10, 1, 200), 0.9, 5_000_000_000L).present())
                .isEqualTo(10);
        assertThat(new AimdLimit(range(30, 20, 200), 0.9, 1_000).sample(0, 1_001, 30, false))
                .as("too late is as bad as never")
                .isEqualTo(27);
        assertThat(new AimdLimit(range(30, 20, 200), 0.9, 1_000).sample(0, 1_000, 30, false))
                .as("in time")
                .isEqualTo(31);
        assertThat(new AimdLimit(range(20, 20, 200), 0.9, 1_000).sample(0, 1, 9, false))
                .as("a limit that is not used does not grow")
                .isEqualTo(20);
        assertThat(new AimdLimit(range(1, 1, 200), 0.5, 1_000).sample(0, 1, 1, true))
                .as("never under its least")
                .isEqualTo(1);
    }

    private static Range range(int initial, int min, int max) {
        Range range = new Range();
        range.initial(initial);
        range.between(min, max);
        return range;
    }

    @Test
    void theGradientsStepAgreesWithItsVectors() {
        GradientLimit limit = new GradientLimit(range(100, 1, 200), 1.5, 0.2);
        assertThat(limit.step(100, 10, 10, 80)).isCloseTo(100.8, within(1e-9));
        assertThat(limit.step(100, 10, 30, 80)).isCloseTo(90.8, within(1e-9));
        assertThat(limit.step(100, 10, 15, 80)).isCloseTo(100.8, within(1e-9));
        assertThat(limit.step(100, 10, 100, 80)).isCloseTo(90.8, within(1e-9));
        assertThat(limit.step(100, 10, 10, 40)).isEqualTo(100);
    }

    @Test
    void theUsualLatencyIsAMeanFirstAndThenAMovingAverage() {
        GradientLimit.LongRun longRun = GradientLimit.LongRun.NONE;
        double[] wanted = {10, 10.5, 11, 11.5, 12, 12.5, 13, 13.5, 14, 14.5};
        for (int i = 0; i < 10; i++) {
            longRun = longRun.add(10 + i, 100, 10);
            assertThat(longRun.value()).isCloseTo(wanted[i], within(1e-9));
        }
        assertThat(longRun.add(100, 100, 10).value()).isCloseTo(16.2, within(0.1));
    }

    private int roomAfter(ServerPool pool, int answers, int millis) {
        IntStream.range(0, answers)
                .forEach(i -> lab.end(pool, Limits.room(pool), Duration.ofMillis(millis), Outcome.SUCCESS));
        return Limits.room(pool);
    }

    @Test
    void theGradientShrinksWhenAnswersTakeLongerAndGrowsAgain() {
        ServerPool pool = lab.pool(
                1, ConcurrencyLimits.gradient().initial(20).between(2, 100).build());
        int usual = roomAfter(pool, 200, 10);
        assertThat(usual).isGreaterThan(20);
        int slow = roomAfter(pool, 300, 60);
        assertThat(slow).isLessThan(usual / 2);
        assertThat(roomAfter(pool, 400, 10)).isGreaterThan(slow);
    }

    @Test
    void anOverloadThatWasTakenForUsualDoesNotHideTheNextOne() {
        ServerPool pool = lab.pool(
                1, ConcurrencyLimits.gradient().initial(20).between(2, 100).build());
        roomAfter(pool, 200, 200);
        int usual = roomAfter(pool, 1000, 10);

        assertThat(roomAfter(pool, 300, 60)).isLessThan(usual / 2);
    }

    @Test
    void aLimitOfOneGrowsToo() {
        ServerPool pool =
                lab.pool(1, ConcurrencyLimits.aimd().initial(1).between(1, 10).build());

        assertThat(roomAfter(pool, 1, 10)).isEqualTo(2);
    }

    @Test
    void anOverloadedServerHasItsLimitLoweredAndWhatTheCallerGaveUpHasNoSay() {
        for (ConcurrencyLimits limits : List.of(
                ConcurrencyLimits.aimd().initial(20).build(),
                ConcurrencyLimits.gradient().initial(20).build())) {
            ServerPool pool = lab.pool(1, limits);
            lab.end(pool, 1, MILLI, Outcome.CANCELLED);
            lab.end(pool, 1, MILLI, Outcome.FAILURE);
            lab.end(pool, 1, MILLI, Outcome.CONNECT_FAILURE);
            assertThat(Limits.room(pool)).isEqualTo(20);
            lab.end(pool, 1, MILLI, Outcome.OVERLOADED);
            assertThat(Limits.room(pool)).isEqualTo(18);
            lab.end(pool, 1, MILLI, Outcome.TIMEOUT);
            assertThat(Limits.room(pool)).isEqualTo(16);
        }
    }

    @Test
    void settingsAreRejectedWhereTheyAreGiven() {
        assertThatThrownBy(() -> ConcurrencyLimits.fixed(0)).hasMessageStartingWith("max: 0 (expected: 1 to");
        assertThatThrownBy(() -> ConcurrencyLimits.aimd().between(5, 4)).hasMessageStartingWith("max: 4 (expected: 5");
        assertThatThrownBy(() -> ConcurrencyLimits.aimd().backoffRatio(0.4))
                .hasMessage("backoffRatio: 0.4 (expected: 0.5 to 0.99)");
        assertThatThrownBy(() -> ConcurrencyLimits.aimd().timeout(Duration.ZERO))
                .hasMessageStartingWith("timeout:");
        assertThatThrownBy(() -> ConcurrencyLimits.gradient().tolerance(0.9)).hasMessageStartingWith("tolerance:");
        assertThatThrownBy(() -> ConcurrencyLimits.gradient().initial(0)).hasMessageStartingWith("initial: 0");
        assertThatThrownBy(() -> ConcurrencyLimits.gradient().smoothing(0)).hasMessageStartingWith("smoothing:");
    }
}
