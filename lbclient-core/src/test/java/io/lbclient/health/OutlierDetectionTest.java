package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OutlierDetectionTest {
    private final Lab lab = new Lab();

    @Test
    void fiveFailuresInARowEjectAndASuccessEndsTheRow() {
        ServerPool pool = lab.pool(3, OutlierDetection.withDefaults());
        lab.send(pool, 0, Outcome.FAILURE, 4);
        lab.send(pool, 0, Outcome.SUCCESS, 1);
        lab.send(pool, 0, Outcome.OVERLOADED, 4);
        assertThat(Lab.ejected(pool, 0)).isFalse();
        lab.send(pool, 0, Outcome.FAILURE, 1);
        assertThat(Lab.ejected(pool, 0)).isTrue();
        assertThat(lab.lastDetail()).isEqualTo("5 consecutive failures, out for PT30S");
    }

    @Test
    void whatSaysNothingAboutTheServerNeitherEndsARowNorExtendsIt() {
        ServerPool pool = lab.pool(3, OutlierDetection.withDefaults());
        lab.send(pool, 0, Outcome.FAILURE, 4);
        lab.send(pool, 0, Outcome.CANCELLED, 20);
        lab.send(pool, 0, Outcome.NOT_SENT, 20);
        assertThat(Lab.ejected(pool, 0)).isFalse();
        lab.send(pool, 0, Outcome.FAILURE, 1);
        assertThat(Lab.ejected(pool, 0)).isTrue();
    }

    @Test
    void localOriginFailuresHaveARowOfTheirOwnThatAnyAnswerEnds() {
        ServerPool pool = lab.pool(3, OutlierDetection.withDefaults());
        lab.send(pool, 0, Outcome.TIMEOUT, 4);
        lab.send(pool, 0, Outcome.FAILURE, 1);
        lab.send(pool, 0, Outcome.CONNECT_FAILURE, 4);
        assertThat(Lab.ejected(pool, 0)).isFalse();
        lab.send(pool, 0, Outcome.CONNECT_FAILURE, 1);
        assertThat(lab.lastDetail()).isEqualTo("5 consecutive local-origin failures, out for PT30S");
    }

    @Test
    void timeoutsBetweenAServersOwnFailuresDoNotHideThem() {
        ServerPool pool = lab.pool(3, OutlierDetection.withDefaults());
        for (int i = 0; i < 5; i++) {
            assertThat(Lab.ejected(pool, 0)).isFalse();
            lab.send(pool, 0, Outcome.TIMEOUT, 1);
            lab.send(pool, 0, Outcome.FAILURE, 1);
        }
        assertThat(Lab.ejected(pool, 0)).isTrue();
    }

    @Test
    void eachDetectorCanBeSwitchedOff() {
        ServerPool pool = lab.pool(
                6,
                OutlierDetection.builder()
                        .withoutConsecutiveFailures()
                        .withoutConsecutiveLocalOriginFailures()
                        .withoutSuccessRate()
                        .withoutFailurePercentage()
                        .build());
        lab.send(pool, 0, Outcome.FAILURE, 200);
        lab.send(pool, 1, Outcome.TIMEOUT, 200);
        for (int i = 2; i < 6; i++) {
            lab.send(pool, i, Outcome.SUCCESS, 200);
        }
        lab.advanceSeconds(30);
        assertThat(lab.changes).isEmpty();
    }

    @Test
    void theRatesOfAFinishedIntervalEject() {
        ServerPool pool = lab.pool(
                10,
                Lab.envoy()
                        .withoutConsecutiveFailures()
                        .withoutFailurePercentage()
                        .build());
        for (int i = 0; i < 10; i++) {
            lab.send(pool, i, Outcome.SUCCESS, i == 3 ? 50 : 100);
        }
        lab.send(pool, 3, Outcome.FAILURE, 50);
        assertThat(Lab.ejectedCount(pool)).isZero();
        // Its end is noticed late, by less than another interval.
        lab.ticker.advance(Duration.ofSeconds(19));
        lab.scheduler.runDue();
        assertThat(Lab.ejected(pool, 3)).isTrue();
        assertThat(Lab.ejectedCount(pool)).isOne();
        assertThat(lab.lastDetail()).startsWith("success rate 50.0 % is under 66.5 %");
        // The next interval starts from nothing.
        lab.advanceSeconds(10);
        assertThat(Lab.ejectedCount(pool)).isZero();
    }

    @Test
    @DisplayName("Envoy's EjectTimeBackoff: 10, 20, 30 s; two healthy intervals take two steps off")
    void envoysEjectTimeBackoff() {
        ServerPool pool = lab.pool(3, Lab.envoy().build());
        ejectedFor(pool, 10); // t = 0 to 10
        ejectedFor(pool, 20); // to 30
        ejectedFor(pool, 30); // to 60
        lab.advanceSeconds(20); // healthy at 70 and 80
        ejectedFor(pool, 20); // to 100
        lab.advanceSeconds(200);
        ejectedFor(pool, 10);
    }

    private void ejectedFor(ServerPool pool, int seconds) {
        lab.send(pool, 0, Outcome.FAILURE, 5);
        assertThat(lab.lastDetail()).endsWith("out for PT" + seconds + "S");
        assertThat(Lab.ejected(pool, 0)).isTrue();
        lab.scheduler.advance(Duration.ofSeconds(seconds).minusNanos(1));
        assertThat(Lab.ejected(pool, 0)).isTrue();
        lab.scheduler.advance(Duration.ofNanos(1));
        assertThat(Lab.ejected(pool, 0)).isFalse();
    }

    @Test
    void theMultiplierStopsWhereTheMaximumIsReached() {
        ServerPool pool =
                lab.pool(3, Lab.envoy().maxEjectionTime(Duration.ofSeconds(25)).build());
        for (String expected : List.of("PT10S", "PT20S", "PT25S", "PT25S", "PT25S", "PT25S")) {
            lab.send(pool, 0, Outcome.FAILURE, 5);
            assertThat(lab.lastDetail()).endsWith("out for " + expected);
            // Ejected again as soon as it is back, so that nothing is taken off.
            for (int s = 0; s < 30 && Lab.ejected(pool, 0); s++) {
                lab.advanceSeconds(1);
            }
        }
        // Four steps at the most were counted, however often it was ejected.
        lab.advanceSeconds(50);
        lab.send(pool, 0, Outcome.FAILURE, 5);
        assertThat(lab.lastDetail()).endsWith("out for PT10S");
    }

    @Test
    void aMaximumBelowTheBaseTimeIsTheBaseTime() {
        ServerPool pool =
                lab.pool(3, Lab.envoy().maxEjectionTime(Duration.ofSeconds(5)).build());
        ejectedFor(pool, 10);
        ejectedFor(pool, 10);
    }

    @Test
    void veryLongTimesDoNotOverflow() {
        ServerPool pool = lab.pool(
                3,
                OutlierDetection.builder()
                        .baseEjectionTime(Duration.ofDays(100_000))
                        .maxEjectionTime(Duration.ofDays(106_000))
                        .maxEjectionTimeJitter(Duration.ofDays(106_000))
                        .build());
        lab.send(pool, 0, Outcome.FAILURE, 5);
        assertThat(Lab.ejected(pool, 0)).isTrue();
        lab.advanceSeconds(3600);
        assertThat(Lab.ejected(pool, 0)).isTrue();
    }

    @Test
    void theJitterProlongsAnEjectionByUpToItself() {
        ServerPool pool = lab.pool(
                40, Lab.envoy().maxEjectionTimeJitter(Duration.ofSeconds(20)).build());
        List<Long> seconds = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            lab.send(pool, i, Outcome.FAILURE, 5);
            String detail = lab.lastDetail();
            seconds.add(Duration.parse(detail.substring(detail.indexOf("PT"))).toSeconds());
        }
        assertThat(seconds).allSatisfy(s -> assertThat(s).isBetween(10L, 30L));
        assertThat(seconds.stream().distinct().count()).isGreaterThan(10);
    }

    @Test
    void oneServerMayAlwaysBeEjectedIfChosen() {
        ServerPool pool = lab.pool(3, OutlierDetection.withDefaults());
        for (int i = 0; i < 3; i++) {
            lab.send(pool, i, Outcome.FAILURE, 5);
        }
        assertThat(Lab.ejectedCount(pool)).isOne();
        Lab other = new Lab();
        ServerPool none = other.pool(
                3, OutlierDetection.builder().alwaysEjectOneServer(false).build());
        other.send(none, 0, Outcome.FAILURE, 50);
        assertThat(other.changes).isEmpty();
        ServerPool only = other.pool(1, OutlierDetection.withDefaults());
        other.send(only, 0, Outcome.FAILURE, 50);
        assertThat(other.changes).isEmpty();
    }

    @Test
    void aServerIsTriedWithOneRequestBeforeItReturns() {
        ServerPool pool = lab.pool(2, OutlierDetection.withDefaults());
        lab.send(pool, 0, Outcome.FAILURE, 5);
        lab.advanceSeconds(29);
        lab.send(pool, 0, Outcome.SUCCESS, 10);
        assertThat(Lab.of(pool, 1).picks()).isEqualTo(10);
        lab.advanceSeconds(1);
        lab.scheduler.runDue();
        Attempt trial = lab.pick(pool, 1);
        assertThat(trial.server().id()).isEqualTo("s0");
        lab.send(pool, 1, Outcome.SUCCESS, 10);
        assertThat(Lab.of(pool, 1).picks()).isEqualTo(20);
        trial.complete(Outcome.SUCCESS);
        lab.scheduler.runDue();
        assertThat(Lab.ejected(pool, 0)).isFalse();
        assertThat(lab.lastDetail()).isEqualTo("a trial request succeeded");
    }

    @Test
    void aTrialThatFailsIsTheNextEjection() {
        ServerPool pool = lab.pool(2, OutlierDetection.withDefaults());
        lab.send(pool, 0, Outcome.FAILURE, 5);
        lab.advanceSeconds(30);
        lab.scheduler.runDue();
        lab.send(pool, 1, Outcome.FAILURE, 1);
        // Twice the base time from now on, and not by the sweep that follows.
        lab.advanceSeconds(59);
        assertThat(Lab.ejected(pool, 0)).isTrue();
        lab.advanceSeconds(1);
        lab.scheduler.runDue();
        lab.send(pool, 1, Outcome.SUCCESS, 1);
        assertThat(Lab.ejected(pool, 0)).isFalse();
        assertThat(Lab.of(pool, 0).picks()).isEqualTo(7);
    }

    @Test
    void aServerThatNobodyTriesReturnsAnIntervalAfterItsTime() {
        ServerPool pool = lab.pool(2, OutlierDetection.withDefaults());
        lab.advanceSeconds(4);
        lab.send(pool, 0, Outcome.FAILURE, 5);
        lab.advanceSeconds(30 + 10);
        assertThat(Lab.ejected(pool, 0)).isFalse();
        assertThat(lab.lastDetail()).isEqualTo("its ejection time is over");
    }

    @Test
    void anEjectionShorterThanAnIntervalIsTriedWhenItEnds() {
        ServerPool pool = lab.pool(
                2,
                OutlierDetection.builder()
                        .baseEjectionTime(Duration.ofSeconds(1))
                        .build());
        lab.send(pool, 0, Outcome.FAILURE, 5);
        lab.advanceSeconds(1);
        lab.scheduler.runDue();
        lab.send(pool, 1, Outcome.SUCCESS, 1);
        assertThat(Lab.ejected(pool, 0)).isFalse();
    }

    @Test
    void nothingStaysOutWhenTheSchedulerIsShutDown() {
        ServerPool pool = lab.pool(2, OutlierDetection.withDefaults());
        lab.send(pool, 0, Outcome.FAILURE, 5);
        lab.scheduler.shutdown();
        lab.advanceSeconds(10);
        assertThat(Lab.ejected(pool, 0)).isFalse();
    }

    @Test
    void aClosedPoolPlansNothing() {
        ServerPool pool = lab.pool(2, OutlierDetection.withDefaults());
        lab.send(pool, 0, Outcome.FAILURE, 5);
        pool.close();
        lab.scheduler.advance(Duration.ofMinutes(10));
        assertThat(lab.scheduler.waiting()).isZero();
    }

    @Test
    void nonsenseIsRejectedWhereItIsGiven() {
        rejects("interval: PT0S (expected: > 0", b -> b.interval(Duration.ZERO));
        rejects("baseEjectionTime: PT-1S", b -> b.baseEjectionTime(Duration.ofSeconds(-1)));
        rejects("maxEjectionTime: PT0S", b -> b.maxEjectionTime(Duration.ZERO));
        rejects("maxEjectionTimeJitter: PT-1S (expected: >= 0", b -> b.maxEjectionTimeJitter(Duration.ofSeconds(-1)));
        rejects("maxEjectionPercent: 101 (expected: 0 to 100)", b -> b.maxEjectionPercent(101));
        rejects("maxEjectionPercent: -1", b -> b.maxEjectionPercent(-1));
        rejects("consecutiveFailures: 0 (expected: >= 1)", b -> b.consecutiveFailures(0));
        rejects("consecutiveLocalOriginFailures: 0", b -> b.consecutiveLocalOriginFailures(0));
        rejects("minimumServers: 0", b -> b.successRate(0, 100, 1.9));
        rejects("requestVolume: 0", b -> b.successRate(5, 0, 1.9));
        rejects("stdevFactor: NaN", b -> b.successRate(5, 100, Double.NaN));
        rejects("stdevFactor: Infinity", b -> b.successRate(5, 100, Double.POSITIVE_INFINITY));
        rejects("threshold: 0 (expected: 1 to 100)", b -> b.failurePercentage(0, 5, 50));
        rejects("threshold: 101", b -> b.failurePercentage(101, 5, 50));
    }

    private static void rejects(String message, Consumer<OutlierDetection.Builder> setting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setting.accept(OutlierDetection.builder()))
                .withMessageStartingWith(message);
    }
}
