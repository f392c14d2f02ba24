package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerTest {
    private static final long UNIT = 1L << 14;

    private final Ledger ledger = new Ledger(0) {};

    @Test
    void anAttemptIsInFlightFromItsBeginningToItsEnd() {
        ledger.begin(5);
        assertThat(ledger.inFlight()).isEqualTo(1);
        ledger.begin(6);
        assertThat(ledger.inFlight()).isEqualTo(2);
        ledger.endWaiting(5);
        ledger.endWaiting(6);

        assertThat(ledger.inFlight()).isZero();
        assertThat(ledger.picks()).isEqualTo(2);
    }

    @Test
    void anAnsweredAttemptIsInFlightAndWaitsForNothing() {
        ledger.begin(0);
        ledger.answer(0);

        assertThat(ledger.inFlight()).isEqualTo(1);
        assertThat(ledger.meanAgeNanos(TimeUnit.HOURS.toNanos(1))).isZero();

        ledger.endAnswered();
        assertThat(ledger.inFlight()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            longs = {0, -1, 1, Long.MAX_VALUE - 3_000_000_000L, Long.MIN_VALUE, 1L << 57, -(1L << 57), -5_000_000_000L})
    void theMeanAgeIsRightWhereverTheClockStandsAndWrapsFrom(long origin) {
        ledger.begin(origin);
        ledger.begin(origin + TimeUnit.SECONDS.toNanos(2));
        long now = origin + TimeUnit.SECONDS.toNanos(5);

        // 5 s and 3 s.
        assertThat(ledger.meanAgeNanos(now)).isCloseTo(TimeUnit.SECONDS.toNanos(4), within(2 * UNIT));
    }

    @Test
    void theMeanAgeIsRightAfterTheSumOfStartTimesWrappedManyTimes() {
        long start = (1L << 57) - 12345;
        for (int i = 0; i < 1000; i++) {
            ledger.begin(start);
        }

        assertThat(ledger.meanAgeNanos(start + TimeUnit.HOURS.toNanos(39)))
                .isCloseTo(TimeUnit.HOURS.toNanos(39), within(2 * UNIT));
    }

    @Test
    void aMillionAttemptsAreCountedExactly() {
        int most = (1 << 20) - 1;
        for (int i = 0; i < most; i++) {
            ledger.begin(i * 1000L);
        }
        assertThat(ledger.inFlight()).isEqualTo(most);
        assertThat(ledger.meanAgeNanos(most * 1000L)).isCloseTo(most * 500L, within(2 * UNIT));

        for (int i = 0; i < most; i++) {
            ledger.endWaiting(i * 1000L);
        }
        assertThat(ledger.inFlight()).isZero();
    }

    @Test
    void moreThanFitAreCountedRightAgainOnceFewEnoughAreLeft() {
        int tooMany = (1 << 20) + 10;
        for (int i = 0; i < tooMany; i++) {
            ledger.begin(77_000_000);
        }
        for (int i = 0; i < tooMany - 3; i++) {
            ledger.endWaiting(77_000_000);
        }

        assertThat(ledger.inFlight()).isEqualTo(3);
        assertThat(ledger.meanAgeNanos(87_000_000)).isCloseTo(10_000_000, within(2 * UNIT));
    }

    /** The factors of few are computed beforehand, those of many when they are needed. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 63, 64, 65, 300})
    void theExpectedWaitGrowsWithAllThatIsInFlightAndItsCube(int inFlight) {
        for (int i = 0; i < inFlight; i++) {
            ledger.begin(0);
            if (i % 3 == 1) {
                ledger.answer(0);
            }
        }
        long now = TimeUnit.SECONDS.toNanos(1);
        double longest = inFlight == 0 ? 5e6 : now;
        double expected = longest * (1 + inFlight + 0.3 * Math.pow(inFlight, 3));

        assertThat(ledger.expectedWait(5e6, now)).isCloseTo(expected, withinPercentage(0.01));
        assertThat(ledger.expectedWait(5e6, now, 1)).isCloseTo(expected, withinPercentage(0.01));
    }

    @Test
    void anAttemptThatBeganAfterTheReadingHasNoAgeRatherThanAHugeOne() {
        ledger.begin(1_000_000_000);

        assertThat(ledger.meanAgeNanos(0)).isZero();
        assertThat(ledger.meanAgeNanos(999_999_999)).isZero();
    }

    @Test
    void theMeanAgeIsThatOfWhatIsStillWaiting() {
        SplittableRandom random = new SplittableRandom(11);
        List<Long> waiting = new ArrayList<>();
        long now = Long.MAX_VALUE - TimeUnit.MINUTES.toNanos(5);
        for (int i = 0; i < 20_000; i++) {
            now += random.nextInt(50_000_000);
            if (waiting.isEmpty() || random.nextInt(100) < 51) {
                ledger.begin(now);
                waiting.add(now);
            } else {
                long start = waiting.remove(random.nextInt(waiting.size()));
                if (random.nextBoolean()) {
                    ledger.answer(start);
                    ledger.endAnswered();
                } else {
                    ledger.endWaiting(start);
                }
            }
            long reading = now;
            double mean = waiting.stream()
                    .mapToLong(start -> reading - start)
                    .average()
                    .orElse(0);
            assertThat((double) ledger.meanAgeNanos(now)).isCloseTo(mean, within(2.0 * UNIT));
            assertThat(ledger.inFlight()).isEqualTo(waiting.size());
        }
    }
}
