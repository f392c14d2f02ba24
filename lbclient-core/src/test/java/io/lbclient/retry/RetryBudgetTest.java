package io.lbclient.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Outcome;
import io.lbclient.RetryBudget;
import io.lbclient.RetryBudget.Account;
import io.lbclient.ServerPool;
import io.lbclient.Threads;
import io.lbclient.test.FakeTicker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryBudgetTest {
    private static final Duration MILLI = Duration.ofMillis(1);

    private final FakeTicker ticker = new FakeTicker();

    private static int takeAll(Account account, int atMost) {
        int taken = 0;
        while (taken < atMost && account.tryAcquire()) {
            taken++;
        }
        return taken;
    }

    /** One request in each millisecond; every one of them fails, and so does every repeat of it that is allowed. */
    private int outage(Account account, int seconds, int repeats) {
        int further = 0;
        for (int i = 0; i < seconds * 1000; i++) {
            account.request();
            further += takeAll(account, repeats);
            ticker.advance(MILLI);
        }
        return further;
    }

    @Test
    void aFreshProgramMayRepeatWhatTenSecondsOfTheFloorComeTo() {
        assertThat(takeAll(RetryBudget.of(0.1, 3).open(ticker), 1000)).isEqualTo(30);
        assertThat(takeAll(RetryBudget.of(0.1, 0).open(ticker), 1000)).isZero();
    }

    @Test
    void inATotalOutageAtAThousandRequestsASecondAttemptsAreAtMost111TimesRequestsAfterTheFirstSecond() {
        Account account = RetryBudget.of(RetryBudget.DEFAULT_SHARE, RetryBudget.DEFAULT_FLOOR)
                .open(ticker);
        for (int i = 0; i < 60_000; i++) {
            account.request();
            ticker.advance(MILLI);
        }
        int first = outage(account, 1, 2);
        assertThat(first).as("what was saved may be used at once").isBetween(950, 1150);

        for (int second = 2; second <= 60; second++) {
            assertThat(1000 + outage(account, 1, 2)).as("second " + second).isBetween(1090, 1110);
        }
    }

    @Test
    @DisplayName("I1: three layers that all retry multiply an outage by 1.11 each, and not by 3")
    void layersDoNotMultiply() {
        RetryBudget usual = RetryBudget.of(RetryBudget.DEFAULT_SHARE, RetryBudget.DEFAULT_FLOOR);

        assertThat(atTheBottomOf(usual, usual, usual)).isBetween(1.3, 1.11 * 1.11 * 1.11);
    }

    @Test
    @DisplayName("I1: if one layer of three retries, whichever it is, the bottom gets 1.11 times the requests")
    void oneLayerThatRetries() {
        RetryBudget usual = RetryBudget.of(RetryBudget.DEFAULT_SHARE, RetryBudget.DEFAULT_FLOOR);
        RetryBudget none = RetryBudget.of(0, 0);

        assertThat(atTheBottomOf(usual, none, none)).isBetween(1.09, 1.11);
        assertThat(atTheBottomOf(none, none, usual)).isBetween(1.09, 1.11);
    }

    /** What a minute of a total outage at 1000 requests a second comes to there, in attempts for each request. */
    private double atTheBottomOf(RetryBudget... budgets) {
        List<Account> layers =
                Stream.of(budgets).map(budget -> budget.open(ticker)).toList();
        AtomicLong atTheBottom = new AtomicLong();
        for (int i = 0; i < 1000; i++) {
            fail(layers, 0, atTheBottom);
            ticker.advance(MILLI);
        }
        atTheBottom.set(0);
        for (int i = 0; i < 60_000; i++) {
            fail(layers, 0, atTheBottom);
            ticker.advance(MILLI);
        }
        return atTheBottom.get() / 60_000.0;
    }

    /** A request of one layer, every attempt at which fails in the layer below. */
    private static void fail(List<Account> layers, int layer, AtomicLong atTheBottom) {
        if (layer == layers.size()) {
            atTheBottom.incrementAndGet();
            return;
        }
        layers.get(layer).request();
        int attempts = 0;
        do {
            fail(layers, layer + 1, atTheBottom);
        } while (++attempts < 3 && layers.get(layer).tryAcquire());
    }

    @Test
    void manyRequestsWithoutFailuresSaveUpNoMoreThanTenSecondsOfThem() {
        Account account = RetryBudget.of(0.1, 0).open(ticker);
        for (int i = 0; i < 600_000; i++) {
            account.request();
            ticker.advance(MILLI);
        }
        assertThat(takeAll(account, 10_000)).isBetween(940, 1010);
    }

    @Test
    void whatIsNotUsedIsForgotten() {
        Account account = RetryBudget.of(0.1, 0).open(ticker);
        IntStream.range(0, 1000).forEach(i -> account.request());
        ticker.advance(Duration.ofMinutes(5));

        assertThat(takeAll(account, 1000)).isZero();
    }

    @Test
    void aClockThatGoesBackTakesNothingAway() {
        Account account = RetryBudget.of(0.1, 3).open(ticker);
        ticker.advance(Duration.ofSeconds(-100));
        IntStream.range(0, 100).forEach(i -> account.request());

        assertThat(takeAll(account, 1000)).isEqualTo(40);
    }

    @Test
    void eachTokenIsTakenOnceHoweverManyThreadsTake() throws Exception {
        Account account = RetryBudget.of(0.1, 30).open(ticker);
        AtomicInteger taken = new AtomicInteger();
        Threads.run(4, thread -> () -> {
            IntStream.range(0, 1000).forEach(i -> account.request());
            taken.addAndGet(takeAll(account, 1000));
        });
        assertThat(taken.get() + takeAll(account, 1000)).isEqualTo(300 + 400);
    }

    @ParameterizedTest
    @ValueSource(doubles = {.0001, .001, .01, .1, .25, .5, .75, .99, .999, .9999})
    void finaglesAllowsAPartOfTheRequestsAndTheFloorForTenSeconds(double percent) {
        Account account = RetryBudgets.finagle(percent, 10).open(ticker);
        IntStream.range(0, 10_000).forEach(i -> account.request());

        assertThat((double) takeAll(account, 100_000)).isBetween(10_000 * percent + 99, 10_000 * percent + 101);
    }

    @Test
    void finaglesForgetsWhatNobodyUsed() {
        Account account = RetryBudgets.finagle(0.2, 0).open(ticker);
        ticker.advance(Duration.ofSeconds(3));
        IntStream.range(0, 100).forEach(i -> account.request());
        ticker.advance(Duration.ofSeconds(11));

        assertThat(takeAll(account, 100)).isZero();
    }

    @Test
    void finaglesOfNothingAllowsNothing() {
        Account account = RetryBudgets.finagle(0, 0).open(ticker);
        IntStream.range(0, 10_000).forEach(i -> account.request());

        assertThat(account.tryAcquire()).isFalse();
        assertThat(takeAll(RetryBudgets.finagle(0, 10).open(ticker), 1000)).isEqualTo(100);
    }

    @Test
    void finaglesExpiresAfterTenSeconds() {
        Account account = RetryBudgets.finagle(0.2, 1).open(ticker);
        IntStream.range(0, 100).forEach(i -> account.request());
        assertThat(takeAll(account, 100)).isEqualTo(30);
        ticker.advance(Duration.ofSeconds(9));
        assertThat(account.tryAcquire()).isFalse();
        ticker.advance(Duration.ofSeconds(1));

        assertThat(takeAll(account, 100)).isEqualTo(10);
    }

    @Test
    void grpcsAllowsWhileMoreThanHalfOfTheTokensAreLeft() {
        Account account = RetryBudgets.grpc(10, 0.1).open(ticker);
        for (int i = 0; i < 5; i++) {
            assertThat(account.tryAcquire()).isTrue();
            account.ended(Outcome.FAILURE);
        }
        assertThat(account.tryAcquire()).isFalse();
        account.ended(Outcome.CANCELLED);
        assertThat(account.tryAcquire()).isFalse();
        account.ended(Outcome.SUCCESS);
        assertThat(account.tryAcquire()).isTrue();
    }

    @Test
    void grpcsCountStaysBetweenNothingAndItsMaximum() {
        Account account = RetryBudgets.grpc(4, 1).open(ticker);
        IntStream.range(0, 100).forEach(i -> account.ended(Outcome.SUCCESS));
        account.ended(Outcome.TIMEOUT);
        account.ended(Outcome.OVERLOADED);
        assertThat(account.tryAcquire()).isFalse();
        IntStream.range(0, 100).forEach(i -> account.ended(Outcome.CONNECT_FAILURE));
        IntStream.range(0, 3).forEach(i -> account.ended(Outcome.SUCCESS));
        assertThat(account.tryAcquire()).isTrue();
    }

    @Test
    void thePoolTellsItsBudgetHowAttemptsEnd() {
        try (ServerPool pool = ServerPool.builder("orders")
                .servers(Limits.servers(2))
                .retryBudget(RetryBudgets.grpc(2, 1))
                .build()) {
            assertThat(pool.retryBudget().tryAcquire()).isTrue();
            pool.pick().complete(Outcome.FAILURE);
            assertThat(pool.retryBudget().tryAcquire()).isFalse();
            pool.pick().complete(Outcome.SUCCESS);
            assertThat(pool.retryBudget().tryAcquire()).isTrue();
        }
    }

    @Test
    void settingsAreRejectedWhereTheyAreGiven() {
        assertThatThrownBy(() -> RetryBudget.of(1.1, 3)).hasMessage("share: 1.1 (expected: 0 to 1)");
        assertThatThrownBy(() -> RetryBudget.of(Double.NaN, 3)).hasMessageStartingWith("share: NaN");
        assertThatThrownBy(() -> RetryBudget.of(0.1, -1)).hasMessage("floor: -1.0 (expected: finite and >= 0)");
        assertThatThrownBy(() -> RetryBudgets.grpc(1001, 1)).hasMessage("maxTokens: 1001 (expected: 1 to 1000)");
        assertThatThrownBy(() -> RetryBudgets.grpc(10, 0)).hasMessageStartingWith("tokenRatio: 0.0");
        assertThatThrownBy(() -> RetryBudgets.finagle(-1, 1)).hasMessageStartingWith("percentCanRetry: -1.0");
    }
}
