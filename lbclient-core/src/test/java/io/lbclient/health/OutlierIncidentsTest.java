package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.HealthCause;
import io.lbclient.HealthState;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutlierIncidentsTest {
    private final Lab lab = new Lab();

    @Test
    @DisplayName("bug 6: the first detector leaves the second one's counters alone")
    void bug6DetectorsShareCountersWithoutZeroingThem() {
        // The success rates are all alike, so the first detector finds nothing; the second must still see them.
        ServerPool pool = lab.pool(6, Lab.envoy().withoutConsecutiveFailures().build());
        for (int i = 0; i < 6; i++) {
            lab.send(pool, i, Outcome.FAILURE, 100);
        }
        lab.advanceSeconds(10);
        assertThat(lab.changes)
                .isNotEmpty()
                .allSatisfy(change -> assertThat(change.detail()).startsWith("100.0 % failures, threshold 85 %"));
    }

    @Test
    @DisplayName("bug 7: the multiplier falls with time, with traffic or without")
    void bug7DecayDoesNotDependOnTraffic() {
        for (boolean traffic : new boolean[] {true, false}) {
            Lab fresh = new Lab();
            ServerPool pool = fresh.pool(3, Lab.envoy().build());
            for (int i = 0; i < 3; i++) {
                fresh.send(pool, 0, Outcome.FAILURE, 5);
                fresh.advanceSeconds(10L * (i + 1));
            }
            for (int i = 0; i < 3; i++) {
                fresh.send(pool, 0, Outcome.SUCCESS, traffic ? 1000 : 0);
                fresh.advanceSeconds(10);
            }
            fresh.send(pool, 0, Outcome.FAILURE, 5);
            assertThat(fresh.lastDetail()).endsWith("out for PT10S");
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 50, 1", "3, 50, 1", "3, 67, 2", "3, 66, 1", "10, 10, 1", "20, 10, 2", "4, 100, 4", "1, 100, 1"})
    @DisplayName("bug 8: the cap is taken after the ejection")
    void bug8CapIsTakenAfterTheEjection(int servers, int percent, int most) {
        ServerPool pool = lab.pool(
                servers,
                OutlierDetection.builder()
                        .maxEjectionPercent(percent)
                        .alwaysEjectOneServer(false)
                        .build());
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < servers; i++) {
                lab.send(pool, i, Outcome.FAILURE, 5);
            }
        }
        assertThat(Lab.ejectedCount(pool)).isEqualTo(most);
    }

    @Test
    @DisplayName("I27: with one server or two, all of them failing, there is always one to pick")
    void incident27TheOnlyServerIsPicked() {
        for (int servers : new int[] {1, 2}) {
            for (int percent : new int[] {10, 50, 100}) {
                Lab fresh = new Lab();
                ServerPool pool = fresh.pool(
                        servers,
                        OutlierDetection.builder().maxEjectionPercent(percent).build());
                for (int i = 0; i < 1000; i++) {
                    // Throws if there were none.
                    fresh.send(pool, i % 2, Outcome.FAILURE, 1);
                    fresh.scheduler.advance(Duration.ofMillis(100));
                }
                assertThat(pool.snapshot().servers())
                        .allSatisfy(s -> assertThat(s.inFlight()).isZero());
            }
        }
    }

    @Test
    @DisplayName("bug 9: whatever ejections and returns race with, a server that goes on failing is ejected again")
    void bug9AServerThatFailsForEverIsEjectedForEver() {
        ServerPool pool = lab.pool(2, Lab.envoy().build());
        int returns = 0;
        for (int i = 0; i < 3_000; i++) {
            boolean before = Lab.ejected(pool, 0);
            // Failures of before, during and after the ejection, some of them while its task still waits.
            List<Attempt> attempts = new ArrayList<>();
            for (int k = 0; k < 1 + i % 7; k++) {
                attempts.add(lab.pick(pool, 0));
            }
            if (i % 3 == 0) {
                lab.scheduler.advance(Duration.ofSeconds(i % 11));
            }
            attempts.forEach(attempt ->
                    attempt.complete(attempt.server().id().equals("s0") ? Outcome.FAILURE : Outcome.SUCCESS));
            lab.scheduler.advance(Duration.ofSeconds(1));
            returns += before && !Lab.ejected(pool, 0) ? 1 : 0;
        }
        assertThat(returns).isGreaterThan(10);
        for (int i = 0; i < 400 && !Lab.ejected(pool, 0); i++) {
            lab.send(pool, 0, Outcome.FAILURE, 1);
        }
        assertThat(Lab.ejected(pool, 0)).isTrue();
    }

    @Test
    @DisplayName("bug 4: an attempt that ends late changes nothing on a server that left")
    void bug4ALateEndingDoesNotResurrectAServer() {
        ServerPool pool = lab.pool(2, Lab.envoy().build());
        List<Attempt> late = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            late.add(lab.pick(pool, 0));
        }
        pool.remove("s0");
        late.subList(0, 10).forEach(attempt -> attempt.complete(Outcome.FAILURE));
        lab.scheduler.runDue();
        pool.add(Lab.server(0));
        late.subList(10, 20).forEach(attempt -> attempt.complete(Outcome.FAILURE));
        lab.advanceSeconds(20);
        assertThat(lab.changes).isEmpty();
        assertThat(Lab.of(pool, 0).inFlight()).isZero();
    }

    @Test
    void whatFailsWhileAServerIsOutIsNotHeldAgainstItWhenItIsBack() {
        ServerPool pool = lab.pool(2, OutlierDetection.withDefaults());
        List<Attempt> late = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            late.add(lab.pick(pool, 0));
        }
        lab.send(pool, 0, Outcome.FAILURE, 5);
        late.forEach(attempt -> attempt.complete(Outcome.TIMEOUT));
        lab.advanceSeconds(40);
        assertThat(Lab.ejected(pool, 0)).isFalse();
        lab.send(pool, 0, Outcome.TIMEOUT, 1);
        assertThat(Lab.ejected(pool, 0)).isFalse();
    }

    @Test
    @DisplayName("I20: an interval in which this process stood still is not held against the servers")
    void incident20OwnPauseEjectsNobody() {
        ServerPool pool =
                lab.pool(10, Lab.envoy().withoutConsecutiveLocalOriginFailures().build());
        for (int i = 0; i < 10; i++) {
            lab.send(pool, i, i < 3 ? Outcome.TIMEOUT : Outcome.SUCCESS, 100);
        }
        // The scheduler gets to its sweep late.
        lab.ticker.advance(Duration.ofSeconds(25));
        lab.scheduler.runDue();
        assertThat(lab.changes).isEmpty();
        // The same without the pause.
        for (int i = 0; i < 10; i++) {
            lab.send(pool, i, i < 3 ? Outcome.TIMEOUT : Outcome.SUCCESS, 100);
        }
        lab.advanceSeconds(10);
        assertThat(Lab.ejectedCount(pool)).isEqualTo(3);
    }

    @Test
    @DisplayName("I20: timeouts of all servers at once eject no more than the cap allows")
    void incident20TheCapHoldsInAPause() {
        ServerPool pool = lab.pool(20, OutlierDetection.withDefaults());
        for (int i = 0; i < 20; i++) {
            lab.send(pool, i, Outcome.TIMEOUT, 20);
        }
        assertThat(Lab.ejectedCount(pool)).isEqualTo(2);
    }

    @Test
    @DisplayName("I21: a server that pauses for 3 s every 30 s goes out at most once in 30 s")
    void incident21NoFlappingForAPause() {
        ServerPool pool = lab.pool(10, OutlierDetection.withDefaults());
        int ejections = 0;
        for (int tenths = 0; tenths < 3000; tenths++) {
            boolean paused = tenths % 300 < 30;
            boolean before = Lab.ejected(pool, 0);
            Attempt attempt = lab.pick(pool, 0);
            attempt.complete(paused && attempt.server().id().equals("s0") ? Outcome.TIMEOUT : Outcome.SUCCESS);
            lab.scheduler.advance(Duration.ofMillis(100));
            ejections += !before && Lab.ejected(pool, 0) ? 1 : 0;
        }
        assertThat(ejections).isBetween(1, 10);
        // It is not lost: without pauses it gets its picks again.
        lab.advanceSeconds(310);
        lab.send(pool, 0, Outcome.SUCCESS, 100);
        assertThat(Lab.of(pool, 0).state()).isEqualTo(HealthState.HEALTHY);
    }

    @Test
    @DisplayName("I13: a passing active check does not bring back what passive evidence took out")
    void incident13PassiveEvidenceOutranksAPassingCheck() {
        ServerPool pool = lab.pool(2, OutlierDetection.withDefaults(), ActiveChecks.of(Lab.PASSING));
        assertOnlyTimeBringsBack(pool, true);
    }

    @Test
    void aPassingActiveCheckBringsBackAnEjectedServerIfChosen() {
        ServerPool pool = lab.pool(
                2,
                OutlierDetection.withDefaults(),
                ActiveChecks.builder(Lab.PASSING).readmitsEjected(true).build());
        assertOnlyTimeBringsBack(pool, false);
        // And outlier detection knows that it is back.
        lab.send(pool, 0, Outcome.FAILURE, 5);
        assertThat(lab.lastDetail()).isEqualTo("5 consecutive failures, out for PT1M");
    }

    private void assertOnlyTimeBringsBack(ServerPool pool, boolean stays) {
        lab.advanceSeconds(5);
        lab.send(pool, 0, Outcome.FAILURE, 5);
        assertThat(Lab.ejected(pool, 0)).isTrue();
        lab.advanceSeconds(14);
        assertThat(Lab.ejected(pool, 0)).isEqualTo(stays);
        assertThat(Lab.has(pool, 0, HealthCause.ACTIVE_CHECK)).isFalse();
    }
}
