package io.lbclient.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.test.FakeTicker;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatenciesTest {
    private static final long MILLI = 1_000_000;

    private final FakeTicker ticker = new FakeTicker();
    private final Latencies latencies = new Latencies(ticker);

    @Test
    void nothingIsKnownAtFirst() {
        assertThat(latencies.count()).isZero();
        assertThat(latencies.quantile(0.99)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            longs = {0, 1, 1023, 1024, 8191, 8192, 9216, 1_000_000, 123_456_789, 60_000_000_000L, Long.MAX_VALUE / 4})
    void aPercentileIsNeverUnderWhatItStandsForAndAtMostAnEighthAbove(long nanos) {
        latencies.record(nanos);

        assertThat(latencies.quantile(0.5)).isBetween(nanos, nanos + nanos / 8 + 1024);
    }

    @Test
    void fewerThanAHundredSetNothing() {
        Hedge hedge = Hedge.afterP95();
        PerTryTimeout timeout = PerTryTimeout.ofP99(3, Duration.ofMillis(10));
        IntStream.range(0, 99).forEach(i -> latencies.record(MILLI));
        assertThat(hedge.delayNanos(latencies)).isEqualTo(Long.MAX_VALUE);
        assertThat(timeout.timeoutNanos(latencies)).isEqualTo(Long.MAX_VALUE);

        latencies.record(MILLI);
        assertThat(hedge.delayNanos(latencies)).isBetween(MILLI, 2 * MILLI);
        assertThat(timeout.timeoutNanos(latencies)).isEqualTo(10 * MILLI);
    }

    @Test
    void theMiddleOfThreeIsTheSecond() {
        List.of(1L, 50L, 100L).forEach(millis -> latencies.record(millis * MILLI));

        assertThat(latencies.quantile(0.5)).isBetween(50 * MILLI, 57 * MILLI);
    }

    @Test
    void percentilesAreThoseOfWhatWasRecorded() {
        IntStream.rangeClosed(1, 100).forEach(i -> latencies.record(i * MILLI));

        assertThat(latencies.count()).isEqualTo(100);
        assertThat(latencies.quantile(0.5)).isBetween(50 * MILLI, 57 * MILLI);
        assertThat(latencies.quantile(0.95)).isBetween(95 * MILLI, 107 * MILLI);
        assertThat(latencies.quantile(1)).isBetween(100 * MILLI, 113 * MILLI);
        assertThat(latencies.quantile(0)).isBetween(1 * MILLI, 2 * MILLI);
        assertThatThrownBy(() -> latencies.quantile(1.1)).hasMessage("quantile: 1.1 (expected: 0.0 to 1.0)");
    }

    @Test
    void whatIsOlderThanTwentySecondsIsForgotten() {
        latencies.record(1000 * MILLI);
        ticker.advance(Duration.ofSeconds(10));
        latencies.record(MILLI);
        assertThat(latencies.count()).isEqualTo(2);
        ticker.advance(Duration.ofSeconds(10));
        assertThat(latencies.count()).isEqualTo(1);
        assertThat(latencies.quantile(1)).isLessThan(2 * MILLI);
        latencies.record(MILLI);
        ticker.advance(Duration.ofSeconds(20));
        assertThat(latencies.count()).isZero();
    }

    @Test
    void aTimeoutFollowsWhatIsObservedAndIsNeverUnderIt() {
        PerTryTimeout timeout = PerTryTimeout.ofP99(3, Duration.ofMillis(50));
        IntStream.range(0, 1000).forEach(i -> latencies.record(5 * MILLI));
        assertThat(timeout.timeoutNanos(latencies)).isEqualTo(50 * MILLI);
        IntStream.range(0, 1000).forEach(i -> latencies.record(40 * MILLI));
        assertThat(timeout.timeoutNanos(latencies)).isBetween(120 * MILLI, 136 * MILLI);
    }

    @Test
    void aServiceThatBecomesSlowerAsAWholeGrowsOutOfItsTimeout() {
        PerTryTimeout timeout = PerTryTimeout.ofP99(3, Duration.ofMillis(10));
        IntStream.range(0, 1000).forEach(i -> latencies.record(5 * MILLI));
        long real = 400 * MILLI;
        int rounds = 0;
        while (timeout.timeoutNanos(latencies) < real) {
            long now = timeout.timeoutNanos(latencies);
            IntStream.range(0, 100).forEach(i -> latencies.record(Math.min(real, now)));
            assertThat(++rounds).isLessThan(10);
        }
        assertThat(rounds).isGreaterThan(0);
    }

    @Test
    void aHedgeWaitsForThePercentileAndWhatWasGivenUpCounts() {
        IntStream.range(0, 950).forEach(i -> latencies.record(2 * MILLI));
        IntStream.range(0, 50).forEach(i -> latencies.record(20 * MILLI));
        assertThat(Hedge.afterP95().delayNanos(latencies)).isBetween(2 * MILLI, 3 * MILLI);
        assertThat(Hedge.afterQuantile(0.96).delayNanos(latencies)).isBetween(20 * MILLI, 23 * MILLI);
        assertThat(Hedge.after(Duration.ofMillis(7)).delayNanos(latencies)).isEqualTo(7 * MILLI);
    }

    @Test
    void settingsAreRejectedWhereTheyAreGiven() {
        assertThatThrownBy(() -> Hedge.after(Duration.ZERO)).hasMessageStartingWith("delay: PT0S");
        assertThatThrownBy(() -> Hedge.afterQuantile(0.4)).hasMessage("quantile: 0.4 (expected: 0.5 to 0.9999)");
        assertThatThrownBy(() -> Hedge.afterP95().withShare(0)).hasMessage("share: 0.0 (expected: > 0 and <= 1)");
        assertThatThrownBy(() -> PerTryTimeout.of(Duration.ofSeconds(-1))).hasMessageStartingWith("timeout:");
        assertThatThrownBy(() -> PerTryTimeout.ofP99(0.9, Duration.ofMillis(1))).hasMessageStartingWith("multiple:");
    }
}
