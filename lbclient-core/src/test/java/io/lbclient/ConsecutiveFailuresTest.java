package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.of;
import static io.lbclient.PoolFixture.pickOnce;
import static io.lbclient.PoolFixture.server;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConsecutiveFailuresTest {
    private final PoolFixture fixture = new PoolFixture();

    private void fail(ServerPool pool, Outcome outcome, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(pickOnce(pool, outcome)).isEqualTo("a");
        }
        fixture.settle();
    }

    @ParameterizedTest
    @EnumSource(
            value = Outcome.class,
            names = {"FAILURE", "TIMEOUT", "OVERLOADED"})
    void fiveFailuresInARowEjectAServer(Outcome outcome) {
        ServerPool pool = fixture.pool("a", "b");
        fail(pool, outcome, 4);
        assertThat(of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);
        fail(pool, outcome, 1);

        assertThat(of(pool, "a").state()).isEqualTo(HealthState.EJECTED);
        assertThat(of(pool, "a").detail()).isEqualTo("5 consecutive failures");
        assertThat(id(pool.pick())).isEqualTo("b");
    }

    @Test
    void aSuccessStartsTheCountAnewAndWhatSaysNothingDoesNot() {
        ServerPool pool = fixture.pool("a", "b");
        fail(pool, Outcome.FAILURE, 4);
        fail(pool, Outcome.SUCCESS, 1);
        fail(pool, Outcome.FAILURE, 4);
        fail(pool, Outcome.CANCELLED, 3);
        fail(pool, Outcome.NOT_SENT, 3);
        assertThat(of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);
        fail(pool, Outcome.FAILURE, 1);

        assertThat(of(pool, "a").state()).isEqualTo(HealthState.EJECTED);
    }

    @Test
    void aConnectFailureEjectsAtOnce() {
        ServerPool pool = fixture.pool("a", "b");
        fail(pool, Outcome.CONNECT_FAILURE, 1);

        assertThat(of(pool, "a").state()).isEqualTo(HealthState.EJECTED);
        assertThat(of(pool, "a").detail()).isEqualTo("connect failure");
    }

    @Test
    void theThresholdIsASetting() {
        ServerPool pool = fixture.builder()
                .healthMonitors(HealthMonitor.consecutiveFailures(1))
                .servers(servers("a", "b"))
                .build();
        fail(pool, Outcome.FAILURE, 1);

        assertThat(of(pool, "a").state()).isEqualTo(HealthState.EJECTED);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void neverAreMoreThanHalfOfTheServersEjectedForFailing(int count) {
        ServerPool pool = fixture.builder().servers(servers(count)).build();
        for (int i = 0; i < 20 * count; i++) {
            pickOnce(pool, Outcome.FAILURE);
            fixture.settle();
        }

        assertThat(ejected(pool)).isEqualTo(count / 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 20})
    void allThatCannotBeConnectedToAreEjectedAndPickedAsALastResort(int count) {
        ServerPool pool = fixture.builder().servers(servers(count)).build();
        for (int i = 0; i < count; i++) {
            pickOnce(pool, Outcome.CONNECT_FAILURE);
            fixture.settle();
        }
        assertThat(ejected(pool)).isEqualTo(count);
        assertThat(fixture.news).endsWith("none of " + count);

        assertThat(pickOnce(pool, Outcome.SUCCESS)).isEqualTo("s0");
        fixture.settle();
        assertThat(ejected(pool)).isEqualTo(count - 1);
        assertThat(of(pool, "s0").state()).isEqualTo(HealthState.HEALTHY);
    }

    private static long ejected(ServerPool pool) {
        return pool.snapshot().servers().stream()
                .filter(s -> s.state() == HealthState.EJECTED)
                .count();
    }

    @Test
    void aServerThatTheCapKeptInIsEjectedWhenThereIsRoom() {
        ServerPool pool = fixture.pool("a", "b", "c");
        fail(pool, Outcome.FAILURE, 5);
        for (int i = 0; i < 9; i++) {
            assertThat(pickOnce(pool, Outcome.FAILURE)).isEqualTo("b");
        }
        fixture.settle();
        assertThat(of(pool, "b").state()).isEqualTo(HealthState.HEALTHY);

        pool.add(server("d"));
        assertThat(pickOnce(pool, Outcome.FAILURE)).isEqualTo("b");
        fixture.settle();
        assertThat(of(pool, "b").state()).isEqualTo(HealthState.EJECTED);
        assertThat(of(pool, "b").detail()).isEqualTo("10 consecutive failures");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void trialsComeAfterOneTwoFourAndThenEveryFiveSecondsWithAFifthOfJitter(long seed) {
        List<Long> waits = waitsForTrials(seed, 6);

        double[] backoffs = {1000, 2000, 4000, 5000, 5000, 5000};
        for (int i = 0; i < backoffs.length; i++) {
            assertThat((double) waits.get(i)).isBetween(backoffs[i] * 0.8 - 10, backoffs[i] * 1.2 + 10);
        }
    }

    @Test
    void theJitterDiffers() {
        assertThat(IntStream.range(0, 20)
                        .mapToObj(seed -> waitsForTrials(seed, 1).get(0))
                        .distinct())
                .hasSizeGreaterThan(10);
    }

    private static List<Long> waitsForTrials(long seed, int count) {
        PoolFixture own = new PoolFixture();
        ServerPool pool = own.builder().seed(seed).servers(servers("a", "b")).build();
        pickOnce(pool, Outcome.CONNECT_FAILURE);
        List<Long> waits = new ArrayList<>();
        long waited = 0;
        while (waits.size() < count) {
            own.advance(Duration.ofMillis(10));
            waited += 10;
            if (pickOnce(pool, Outcome.FAILURE).equals("a")) {
                waits.add(waited);
                waited = 0;
            } else {
                // So that the other one stays in.
                pickOnce(pool, Outcome.SUCCESS);
            }
            assertThat(waited).isLessThan(10_000);
        }
        return waits;
    }

    @Test
    void theFirstSuccessOfATrialBringsTheServerBack() {
        ServerPool pool = fixture.pool("a", "b");
        fail(pool, Outcome.CONNECT_FAILURE, 1);
        fixture.advance(Duration.ofMillis(1200));
        Attempt trial = pool.pick();
        assertThat(id(trial)).isEqualTo("a");
        assertThat(id(pool.pick())).isEqualTo("b");
        trial.complete(Outcome.SUCCESS);
        fixture.settle();

        assertThat(id(pool.pick())).isEqualTo("a");
        assertThat(fixture.news).containsExactly("added a", "added b", "raised OUTLIER on a", "cleared OUTLIER on a");
        // Nothing is left that would offer trials to a healthy server.
        assertThat(fixture.scheduler.waiting()).isZero();
    }

    @Test
    void aReadmittedServerIsEjectedAgainOnlyAfterAsManyFailuresAsBefore() {
        ServerPool pool = fixture.pool("a", "b");
        fail(pool, Outcome.FAILURE, 5);
        fixture.advance(Duration.ofMillis(1200));
        fail(pool, Outcome.SUCCESS, 1);
        fail(pool, Outcome.FAILURE, 4);
        assertThat(of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);
        fail(pool, Outcome.FAILURE, 1);

        assertThat(of(pool, "a").state()).isEqualTo(HealthState.EJECTED);
    }

    @Test
    void theSuccessOfARequestFromBeforeTheEjectionDoesNotBringItBack() {
        ServerPool pool = fixture.pool("a", "b");
        Attempt old = pool.pick();
        fail(pool, Outcome.CONNECT_FAILURE, 1);
        old.complete(Outcome.SUCCESS);
        fixture.settle();

        assertThat(of(pool, "a").state()).isEqualTo(HealthState.EJECTED);
    }

    @Test
    void aTrialThatHangsHoldsUpNoOther() {
        ServerPool pool = fixture.pool("a", "b");
        fail(pool, Outcome.CONNECT_FAILURE, 1);
        fixture.advance(Duration.ofMillis(1200));
        assertThat(id(pool.pick())).isEqualTo("a");
        fixture.advance(Duration.ofMillis(2400));
        fail(pool, Outcome.SUCCESS, 1);

        assertThat(of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);
    }

    @Test
    void afterAllWereDownTheOnesThatAnswerComeBackAtOnce() {
        ServerPool pool = fixture.pool("a", "b", "c");
        for (int i = 0; i < 3; i++) {
            pickOnce(pool, Outcome.CONNECT_FAILURE);
            fixture.settle();
        }
        fixture.advance(Duration.ofMinutes(10));
        Attempt attempt = pool.pick();
        for (Attempt next = attempt; ; next = next.another()) {
            next.complete(Outcome.SUCCESS);
            if (next.number() == 3) {
                break;
            }
        }
        fixture.settle();

        assertThat(ejected(pool)).isZero();
        assertThat(pool.snapshot().eligible()).isEqualTo(3);
        assertThat(fixture.scheduler.waiting()).isZero();
    }

    @Test
    void aServerThatLeavesWhileItIsEjectedGivesItsPlaceBackAndStopsItsTrials() {
        ServerPool pool = fixture.pool("a", "b", "c", "d");
        fail(pool, Outcome.FAILURE, 5);
        pool.remove("a");
        assertThat(fixture.scheduler.waiting()).isZero();
        pool.add(server("e"));

        for (int i = 0; i < 40; i++) {
            pickOnce(pool, Outcome.FAILURE);
            fixture.settle();
        }
        assertThat(ejected(pool)).isEqualTo(2);
    }

    /** A monitor that outranks this one may bring a server back past it. */
    @Test
    void aServerThatWasBroughtBackByAnotherMonitorCanBeEjectedAgain() {
        JudgedPool judge = new JudgedPool();
        ServerPool pool = fixture.builder()
                .healthMonitors(HealthMonitor.consecutiveFailures(5), judge)
                .servers(servers("a", "b"))
                .build();
        fail(pool, Outcome.CONNECT_FAILURE, 1);
        judge.pool().overrule(judge.candidate("a"), HealthCause.OUTLIER, "checked and found well");
        fixture.settle();
        assertThat(of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);

        fixture.advance(Duration.ofSeconds(2));
        fail(pool, Outcome.CONNECT_FAILURE, 1);
        assertThat(of(pool, "a").state()).isEqualTo(HealthState.EJECTED);
    }

    @Test
    void closingThePoolStopsTheTrialsOnTheUsersScheduler() {
        ServerPool pool = fixture.pool("a", "b");
        fail(pool, Outcome.CONNECT_FAILURE, 1);
        assertThat(fixture.scheduler.waiting()).isEqualTo(1);
        pool.close();

        assertThat(fixture.scheduler.waiting()).isZero();
        assertThat(fixture.scheduler.isShutdown()).isFalse();
    }

    @Test
    void withAUsersSchedulerThatIsShutDownAnEjectionEndsAtOnceBecauseNothingElseWouldEndIt() {
        ServerPool pool = fixture.pool("a", "b");
        fixture.scheduler.shutdown();
        pickOnce(pool, Outcome.CONNECT_FAILURE);

        assertThat(id(pool.pick())).isEqualTo("a");
        assertThat(fixture.news).endsWith("raised OUTLIER on a", "cleared OUTLIER on a");
    }
}
