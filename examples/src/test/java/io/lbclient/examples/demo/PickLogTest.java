package io.lbclient.examples.demo;

import static io.lbclient.examples.demo.Runs.MS;
import static io.lbclient.examples.demo.Runs.reading;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PickLogTest {
    private final PickLog log = new PickLog();

    private long from(long millis) {
        return millis * MS;
    }

    @Test
    void aShareIsOfThePicksWithinItsWindowOnly() {
        log.add(reading(0, 0, 0, 0));
        log.add(reading(100, 10, 8, 2));
        log.add(reading(200, 20, 9, 11));

        assertThat(log.share("a", from(0), from(100))).isEqualTo(0.8);
        assertThat(log.share("a", from(100), from(200))).isEqualTo(0.1);
        assertThat(log.share("b", from(0), from(200))).isEqualTo(0.55);
    }

    @Test
    void withoutPicksThereIsNoShare() {
        log.add(reading(0, 0, 5, 5));
        log.add(reading(100, 0, 5, 5));

        assertThat(log.share("a", from(0), from(100))).isNaN();
        assertThat(log.share("nobody", from(0), from(100))).isNaN();
    }

    @Test
    void whatWasBeforeTheFirstReadingIsNotCounted() {
        log.add(reading(50, 1000, 600, 400));
        log.add(reading(100, 1010, 605, 405));

        assertThat(log.picks(0, Long.MAX_VALUE)).isEqualTo(10);
    }

    @Test
    void aServerThatJoinsLaterCountsFromNothing() {
        log.add(reading(0, 0, 0));
        log.add(reading(100, 10, 10));
        log.add(reading(200, 20, 14, 6));

        assertThat(log.picks("b", from(0), from(200))).isEqualTo(6);
        assertThat(log.share("b", from(100), from(200))).isEqualTo(0.6);
    }

    @Test
    void retriesAreTheAttemptsMoreThanThereWereRequests() {
        log.add(reading(0, 100, 50, 52));
        log.add(reading(100, 200, 103, 104));

        assertThat(log.retries(from(0), from(100))).isEqualTo(5);
    }

    @Test
    void aShareHasFallenWhenAWholeWindowIsBelowTheLimit() {
        // b has its last pick at 60 ms, and one more, such as a trial has, at 400 ms.
        long b = 0;
        for (int at = 0; at <= 600; at += 20) {
            log.add(reading(at, 0, 5L * at, b));
            b += at < 60 || at == 400 ? 10 : 0;
        }

        assertThat(log.firstBelow("b", from(0), from(600), from(100), 0.01)).hasValue(from(60));
        assertThat(log.firstBelow("b", from(0), from(600), from(400), 0.01)).isEmpty();
    }

    @Test
    void aShareIsBackWhenAWholeWindowIsAtTheLimit() {
        long b = 0;
        for (int at = 0; at <= 600; at += 20) {
            log.add(reading(at, 0, at, b));
            b += at >= 200 ? 20 : 0;
        }

        assertThat(log.firstAtLeast("b", from(0), from(600), from(100), 0.5)).hasValue(from(200));
        assertThat(log.firstAtLeast("b", from(0), from(280), from(100), 0.5)).isEmpty();
    }
}
