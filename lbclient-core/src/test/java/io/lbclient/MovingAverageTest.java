package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MovingAverageTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;
    // The stamp's resolution of 66 us moves a decay over 10 s by less than 1e-5 of the value; a float adds 1e-7.
    private static final double EXACT = 2e-5;

    private final MovingAverage average = new MovingAverage(10 * SECOND);

    @ParameterizedTest
    @CsvSource({"1,90.484", "5,60.653", "10,36.788", "20,13.534"})
    void withoutSamplesItDecaysAsFinaglesDoes(int seconds, double expected) {
        average.addPeak(100, 0);

        assertThat(average.at(seconds * SECOND)).isCloseTo(expected, within(0.002));
        // Reading changes nothing.
        assertThat(average.at(0)).isEqualTo(100);
    }

    @Test
    void linkerdsVectors() {
        average.addPeak(1, SECOND);
        assertThat(average.at(SECOND)).isEqualTo(1);
        average.addPeak(2, 2 * SECOND);
        assertThat(average.at(2 * SECOND)).isEqualTo(2);

        MovingAverage faded = new MovingAverage(10 * SECOND);
        faded.addPeak(1, 0);
        faded.addPeak(0, 10 * SECOND);
        assertThat(faded.at(10 * SECOND)).isCloseTo(0.36787944117144233, within(EXACT));

        MovingAverage longAgo = new MovingAverage(10 * SECOND);
        longAgo.addPeak(10, SECOND);
        assertThat(longAgo.at(26 * SECOND)).isCloseTo(0.8208, within(1e-3));
        longAgo.addPeak(1, 26 * SECOND);
        assertThat(longAgo.at(26 * SECOND)).isEqualTo(1);

        MovingAverage justNow = new MovingAverage(10 * SECOND);
        justNow.addPeak(10, SECOND);
        justNow.addPeak(1, 1100 * MS);
        assertThat(justNow.at(1100 * MS)).isStrictlyBetween(9.0, 10.0);
    }

    @Test
    void aDecayTimeOfNothingKeepsItFinite() {
        MovingAverage forgetful = new MovingAverage(0);
        forgetful.addPeak(1e9, 0);

        assertThat(forgetful.at(Long.MAX_VALUE)).isFinite().isNotNegative();
        assertThat(forgetful.at(SECOND)).isLessThan(1e-9);
    }

    @Test
    void withoutAnySampleItIsZero() {
        assertThat(average.at(0)).isZero();
        assertThat(average.isZero()).isTrue();
    }

    @Test
    void aSampleAboveReplacesItAtOnceAndOneBelowPullsItDownByTheTimeThatPassed() {
        average.addPeak(10, 0);
        average.addPeak(50, 1);
        assertThat(average.at(1)).isEqualTo(50);

        average.addPeak(10, 10 * SECOND);
        double kept = Math.exp(-1);
        assertThat(average.at(10 * SECOND)).isCloseTo(50 * kept + 10 * (1 - kept), within(0.001));
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                Long.MAX_VALUE - 4_000_000_000L,
                (1L << 47) - 4_000_000_000L,
                (1L << 48) - 4_000_000_000L,
                -4_000_000_000L
            })
    void theStampWrapsUnnoticed(long origin) {
        average.addPeak(100, origin);

        assertThat(average.at(origin + 5 * SECOND)).isCloseTo(60.653, within(0.002));
    }

    @Test
    void aReadingFromBeforeTheStampIsNoTimeAtAll() {
        average.addPeak(100, 60 * SECOND);

        assertThat(average.at(0)).isEqualTo(100);
        average.addPeak(1, 0);
        assertThat(average.at(60 * SECOND)).isEqualTo(100);
        assertThat(average.at(70 * SECOND)).isCloseTo(36.788, within(0.002));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 12, 38, 40, 63, 77})
    void afterAWeekendWithoutRequestsTheNextSampleCountsInFull(int hours) {
        average.addPeak(100, 0);
        long later = TimeUnit.HOURS.toNanos(hours);

        assertThat(average.at(later)).isLessThan(1e-6);
        average.addPeak(3, later);
        assertThat(average.at(later)).isCloseTo(3, within(1e-6));
        average.addPeak(1, later + 10 * SECOND);
        assertThat(average.at(later + 10 * SECOND)).isCloseTo(1 + 2 * Math.exp(-1), within(1e-4));
    }

    @Test
    void samplesThatComeOneUponAnotherCountWithTheirShare() {
        average.raiseTo(0.2, 0);
        average.addFresh(1, 0.2, SECOND, 0);
        average.addFresh(1, 0.2, SECOND, 0);
        assertThat(average.last()).isCloseTo(0.488, within(1e-6));

        for (int i = 0; i < 40; i++) {
            average.addFresh(0, 0.2, SECOND, 0);
        }
        assertThat(average.last()).isZero();
        assertThat(average.isZero()).isTrue();
    }

    @Test
    void theLastValueDoesNotFade() {
        average.raiseTo(5, 0);

        assertThat(average.at(100 * SECOND)).isLessThan(1);
        assertThat(average.last()).isEqualTo(5);
    }

    @Test
    void raisingLiftsItButNeverLowersIt() {
        average.raiseTo(5, 0);
        assertThat(average.at(0)).isEqualTo(5);
        average.raiseTo(3, 0);
        assertThat(average.at(0)).isEqualTo(5);
        average.raiseTo(5, 10 * SECOND);
        assertThat(average.at(10 * SECOND)).isEqualTo(5);
    }

    @Test
    void whateverTheClockDoesItStaysBetweenZeroAndTheGreatestSample() {
        SplittableRandom random = new SplittableRandom(5);
        long now = random.nextLong();
        for (int i = 0; i < 200_000; i++) {
            now += switch (random.nextInt(4)) {
                case 0 -> random.nextLong();
                case 1 -> -random.nextLong(Duration.ofHours(2).toNanos());
                default -> random.nextLong(SECOND);
            };
            average.addPeak(random.nextLong(TimeUnit.HOURS.toNanos(1)), now);
            average.raiseTo(random.nextInt(1000), now);

            assertThat(average.at(now)).isBetween(0.0, (double) TimeUnit.HOURS.toNanos(1));
            assertThat(average.at(random.nextLong())).isBetween(0.0, (double) TimeUnit.HOURS.toNanos(1));
        }
    }

    @Test
    void manyThreadsNeverLeaveItOutsideTheirSamples() {
        Threads.run(4, seed -> () -> {
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < 200_000; i++) {
                long now = random.nextLong(SECOND);
                average.addPeak(1000 + random.nextInt(1000), now);
                assertThat(average.at(now)).isBetween(900.0, 2000.0);
            }
        });

        average.addPeak(5000, SECOND);
        assertThat(average.at(SECOND)).isEqualTo(5000);
    }
}
