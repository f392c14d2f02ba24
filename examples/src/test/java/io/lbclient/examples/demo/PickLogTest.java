package io.lbclient.examples.demo;

import static io.lbclient.examples.demo.Runs.MS;
import static io.lbclient.examples.demo.Runs.reading;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
    void aServerIsGoneWhenAWholeWindowIsUnderOnePercent() {
        // b has its last pick at 60 ms, and one more, such as a trial has, at 300 ms.
        long b = 0;
        for (int at = 0; at <= 600; at += 20) {
            log.add(reading(at, 0, at / 2, b));
            b += at < 60 || at == 280 ? 10 : 0;
        }

        assertThat(log.gone(List.of("b"), from(0), from(600))).hasValue(from(300));
        assertThat(log.gone(List.of("b"), from(0), from(540)))
                .as("no window ends before")
                .isEmpty();
        assertThat(log.shunned("b", from(0), from(600))).as("10 of 135 picks").hasValue(from(40));
    }

    @Test
    void aServerIsBackWhenItHasFourFifthsOfItsFairShareForASecond() {
        long b = 0;
        for (int at = 0; at <= 1600; at += 20) {
            log.add(reading(at, 0, at, b));
            b += at >= 600 ? 20 : 0;
        }

        // A window from 280 ms on has 680 picks of b among 1680.
        assertThat(log.back("b", from(0), from(1600), 0.5)).hasValue(from(280));
        assertThat(log.back("b", from(0), from(1270), 0.5)).isEmpty();
    }

    @Test
    void severalServersHaveItAllWhenTogetherTheyHave99Percent() {
        long a = 0;
        long b = 0;
        for (int at = 0; at <= 600; at += 20) {
            log.add(reading(at, 0, a, b, b));
            a += at < 100 ? 1 : 0;
            b += at < 100 ? 0 : 1;
        }

        assertThat(log.all(List.of("b", "c"), from(0), from(600))).hasValue(from(100));
        assertThat(log.all(List.of("b"), from(0), from(600))).isEmpty();
    }
}
