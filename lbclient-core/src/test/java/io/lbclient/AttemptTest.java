package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttemptTest {
    private static final long MS = 1_000_000;

    private final PoolFixture fixture = new PoolFixture();
    private final List<String> seen = new ArrayList<>();

    private ServerPool pool(String... ids) {
        return fixture.builder()
                .servers(PoolFixture.servers(ids))
                .healthMonitors(PoolFixture.watching((pool, server) -> (outcome, latency, trial) ->
                        seen.add(outcome + " after " + Duration.ofNanos(latency).toMillis() + " ms")))
                .build();
    }

    @ParameterizedTest
    @EnumSource(Outcome.class)
    void isCompletedOnceWhateverItsOutcome(Outcome outcome) {
        ServerPool pool = pool("a");
        Attempt attempt = pool.pick();
        assertThat(PoolFixture.of(pool, "a").inFlight()).isEqualTo(1);

        assertThat(attempt.complete(outcome)).isTrue();
        assertThat(attempt.complete(Outcome.FAILURE)).isFalse();
        attempt.close();

        assertThat(PoolFixture.of(pool, "a").inFlight()).isZero();
        assertThat(PoolFixture.of(pool, "a").failures()).isEqualTo(outcome.failure() ? 1 : 0);
        assertThat(seen).containsExactly(outcome + " after 0 ms");
    }

    @Test
    void aConnectionThatIsEstablishedIsASuccessAtOnceAndInFlightUntilItIsClosed() {
        ServerPool pool = pool("a");
        Attempt attempt = pool.pick();
        fixture.ticker.advanceNanos(3 * MS);

        assertThat(attempt.established()).isTrue();
        assertThat(seen).containsExactly("SUCCESS after 3 ms");
        assertThat(PoolFixture.of(pool, "a").inFlight()).isOne();
        assertThat(PoolFixture.of(pool, "a").latencyNanos()).isCloseTo(3 * MS, within(100_000L));

        assertThat(attempt.established()).isFalse();
        assertThat(attempt.answered()).isFalse();
        fixture.ticker.advanceNanos(1000 * MS);
        attempt.close();
        assertThat(attempt.established()).isFalse();
        assertThat(PoolFixture.of(pool, "a").inFlight()).isZero();
        assertThat(seen).hasSize(2).last().asString().startsWith("CANCELLED");
    }

    @Test
    void aTrialThatEstablishesAConnectionBringsItsServerBackThoughTheConnectionStays() {
        ServerPool pool = fixture.pool("a", "b");
        pool.pick().complete(Outcome.CONNECT_FAILURE);
        fixture.settle();
        assertThat(PoolFixture.of(pool, "a").state()).isEqualTo(HealthState.EJECTED);
        fixture.advance(Duration.ofSeconds(2));

        Attempt trial = pool.pick();
        assertThat(PoolFixture.id(trial)).isEqualTo("a");
        trial.established();
        fixture.settle();

        assertThat(PoolFixture.of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);
        assertThat(PoolFixture.of(pool, "a").inFlight()).isOne();
    }

    @Test
    void closingWithoutAVerdictSaysNothingAboutTheServer() {
        ServerPool pool = pool("a");
        try (Attempt attempt = pool.pick()) {
            assertThat(PoolFixture.id(attempt)).isEqualTo("a");
            fixture.ticker.advanceNanos(5 * MS);
        }

        ServerSnapshot after = PoolFixture.of(pool, "a");
        assertThat(after.inFlight()).isZero();
        assertThat(after.failures()).isZero();
        assertThat(after.latencyNanos()).isZero();
        assertThat(seen).containsExactly("CANCELLED after 5 ms");
    }

    @Test
    void anOutcomeOfNullIsRefusedAndTheAttemptStaysOpen() {
        ServerPool pool = pool("a");
        Attempt attempt = pool.pick();

        assertThatNullPointerException().isThrownBy(() -> attempt.complete(nothing()));
        assertThat(PoolFixture.of(pool, "a").inFlight()).isEqualTo(1);
        assertThat(attempt.complete(Outcome.SUCCESS)).isTrue();
        assertThat(PoolFixture.of(pool, "a").inFlight()).isZero();
    }

    @SuppressWarnings({"DataFlowIssue", "NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return null;
    }

    @Test
    void theLatencyIsTakenAtTheEndUnlessAnAnswerWasNoted() {
        ServerPool pool = pool("a");
        Attempt attempt = pool.pick();
        fixture.ticker.advanceNanos(30 * MS);
        attempt.complete(Outcome.SUCCESS);

        assertThat(PoolFixture.of(pool, "a").latencyNanos()).isEqualTo(30 * MS);
        assertThat(seen).containsExactly("SUCCESS after 30 ms");
    }

    @Test
    void anAnswerIsNotedOnceAndItsTimeIsTheLatencyHoweverLongTheRestTakes() {
        ServerPool pool = pool("a");
        Attempt attempt = pool.pick();
        fixture.ticker.advanceNanos(20 * MS);
        assertThat(attempt.answered()).isTrue();
        assertThat(PoolFixture.of(pool, "a").latencyNanos()).isEqualTo(20 * MS);
        fixture.ticker.advance(Duration.ofSeconds(1));
        assertThat(attempt.answered()).isFalse();
        assertThat(PoolFixture.of(pool, "a").inFlight()).isEqualTo(1);
        attempt.complete(Outcome.SUCCESS);

        assertThat(attempt.answered()).isFalse();
        assertThat(PoolFixture.of(pool, "a").inFlight()).isZero();
        assertThat((double) PoolFixture.of(pool, "a").latencyNanos()).isCloseTo(20 * MS * Math.exp(-0.1), within(1e3));
        // To a microsecond, from below.
        assertThat(seen).containsExactly("SUCCESS after 19 ms");
    }

    @Test
    void anAnswerThatTookHoursIsKeptAsOneOfHalfAnHour() {
        ServerPool pool = pool("a");
        Attempt attempt = pool.pick();
        fixture.ticker.advance(Duration.ofHours(3));
        assertThat(attempt.answered()).isTrue();
        attempt.complete(Outcome.SUCCESS);

        assertThat(seen).containsExactly("SUCCESS after " + ((Integer.MAX_VALUE - 1L) * 1024 / MS) + " ms");
        assertThat(PoolFixture.of(pool, "a").inFlight()).isZero();
    }

    @Test
    void anAnswerAtTheVeryMomentOfThePickIsAnAnswer() {
        ServerPool pool = pool("a");
        Attempt attempt = pool.pick();
        assertThat(attempt.answered()).isTrue();
        assertThat(attempt.answered()).isFalse();
        attempt.complete(Outcome.FAILURE);

        assertThat(PoolFixture.of(pool, "a").inFlight()).isZero();
    }

    @Test
    void failingFastDoesNotLookFastAndATimeoutLooksAtLeastThatSlow() {
        ServerPool pool = pool("a");
        Attempt slow = pool.pick();
        fixture.ticker.advanceNanos(50 * MS);
        slow.complete(Outcome.SUCCESS);
        PoolFixture.pickOnce(pool, Outcome.FAILURE);
        PoolFixture.pickOnce(pool, Outcome.OVERLOADED);
        PoolFixture.pickOnce(pool, Outcome.CONNECT_FAILURE);
        assertThat(PoolFixture.of(pool, "a").latencyNanos()).isEqualTo(50 * MS);

        Attempt hanging = pool.pick();
        fixture.ticker.advanceNanos(80 * MS);
        hanging.complete(Outcome.TIMEOUT);
        assertThat(PoolFixture.of(pool, "a").latencyNanos()).isEqualTo(80 * MS);
        assertThat(PoolFixture.of(pool, "a").failureRate()).isBetween(0.4, 1.0);
    }

    @Test
    void anotherGoesWhereTheRequestHasNotBeenUntilItHasBeenEverywhere() {
        ServerPool pool = pool("a", "b", "c", "d");
        Attempt attempt = pool.pick();
        Set<String> been = new HashSet<>(Set.of(PoolFixture.id(attempt)));
        for (int number = 2; number <= 4; number++) {
            assertThat(attempt.hasAnother()).isTrue();
            Attempt next = attempt.another();
            assertThat(next.previous()).isSameAs(attempt);
            assertThat(next.number()).isEqualTo(number);
            assertThat(been.add(PoolFixture.id(next))).isTrue();
            attempt = next;
        }

        assertThat(attempt.hasAnother()).isFalse();
        assertThat(been).contains(PoolFixture.id(attempt.another()));
    }

    @Test
    void theFirstAttemptIsNumberOneAndHasNonePrevious() {
        Attempt attempt = pool("a").pick();

        assertThat(attempt.number()).isEqualTo(1);
        assertThat(attempt.previous()).isNull();
    }

    @Test
    void anotherCarriesTheRequestOn() {
        RequestView request = new RequestView() {};
        ServerPool pool = pool("a", "b");

        assertThat(pool.pick(request).another().request()).isSameAs(request);
        assertThat(pool.pick().request()).isSameAs(RequestView.EMPTY);
    }

    @Test
    void failoverFromOneServerSpreadsOverAllOthers() {
        ServerPool pool = fixture.builder().servers(PoolFixture.servers(11)).build();
        int[] hits = new int[11];
        for (int i = 0; i < 10_000; i++) {
            hits[Integer.parseInt(PoolFixture.id(pool.pick().another()).substring(1))]++;
        }

        assertThat(hits[0]).isZero();
        for (int i = 1; i < 11; i++) {
            assertThat(hits[i]).isBetween(800, 1200);
        }
    }

    @Test
    void anObserverThatThrowsNeitherReachesTheCallerNorLeaksTheAttempt() {
        ServerPool pool = fixture.builder()
                .servers(PoolFixture.servers("a"))
                .healthMonitors(
                        PoolFixture.watching((p, server) -> (outcome, latency, trial) -> {
                            throw new AssertionError("an observer's mistake");
                        }),
                        PoolFixture.watching((p, server) -> (outcome, latency, trial) -> seen.add("told")))
                .build();

        assertThat(pool.pick().complete(Outcome.SUCCESS)).isTrue();
        assertThat(PoolFixture.of(pool, "a").inFlight()).isZero();
        assertThat(seen).containsExactly("told");
    }

    @Test
    void saysWhatItIs() {
        Attempt attempt = pool("a", "b").pick();

        assertThat(attempt).hasToString("attempt 1 at a of orders");
        assertThat(attempt.another()).hasToString("attempt 2 at b of orders");
    }
}
