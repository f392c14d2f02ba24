package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor;
import io.lbclient.HealthState;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Monitors that raise the same cause: each holds up its own, and neither clears the other's. */
class SharedCauseTest {
    private final Lab lab = new Lab();

    private static OutlierDetection detection() {
        return OutlierDetection.builder()
                .consecutiveFailures(3)
                .consecutiveLocalOriginFailures(3)
                .build();
    }

    @Test
    @DisplayName("a server that two monitors have ejected is out until the second of them lets it back in")
    void neitherMonitorClearsWhatTheOtherRaised() {
        Lab.Judge one = new Lab.Judge();
        Lab.Judge another = new Lab.Judge();
        ServerPool pool = lab.pool(2, one, another);

        assertThat(one.raise(0, HealthCause.OUTLIER)).isTrue();
        assertThat(another.raise(0, HealthCause.OUTLIER)).isTrue();
        assertThat(another.raise(0, HealthCause.OUTLIER)).isFalse();
        assertThat(one.clear(0, HealthCause.OUTLIER)).isTrue();
        assertThat(one.clear(0, HealthCause.OUTLIER)).isFalse();

        assertThat(Lab.ejected(pool, 0)).isTrue();
        assertThat(another.clear(0, HealthCause.OUTLIER)).isTrue();
        assertThat(Lab.of(pool, 0).state()).isEqualTo(HealthState.HEALTHY);
        lab.scheduler.runDue();
        assertThat(lab.changes).extracting("raised").containsExactly(true, false);
    }

    @Test
    @DisplayName("the default detector's trial after 1 s does not end outlier detection's ejection of 30 s")
    void theDefaultDetectorNextToOutlierDetectionEndsOnlyItsOwnEjection() {
        ServerPool pool = lab.pool(4, HealthMonitor.consecutiveFailures(3), detection());
        lab.send(pool, 0, Outcome.FAILURE, 3);
        assertThat(Lab.of(pool, 0).detail()).isEqualTo("3 consecutive failures");

        for (int i = 0; i < 28; i++) {
            lab.advanceSeconds(1);
            lab.send(pool, 1, Outcome.SUCCESS, 5);
            assertThat(Lab.ejected(pool, 0)).isTrue();
        }
        assertThat(Lab.of(pool, 0).detail()).isEqualTo("3 consecutive failures, out for PT30S");

        for (int i = 0; i < 30; i++) {
            lab.advanceSeconds(1);
            lab.send(pool, 1, Outcome.SUCCESS, 5);
        }
        assertThat(Lab.of(pool, 0).state()).isEqualTo(HealthState.HEALTHY);
    }

    @Test
    @DisplayName("two detectors with different settings over the same traffic leave no server out for ever")
    void twoDetectorsLeaveNothingStuck() {
        Random random = new Random(5);
        ServerPool pool = lab.pool(6, HealthMonitor.consecutiveFailures(2), detection());
        for (int i = 0; i < 20_000; i++) {
            lab.send(pool, random.nextInt(6), random.nextInt(3) > 0 ? Outcome.FAILURE : Outcome.SUCCESS, 1);
            if (i % 5 == 0) {
                lab.scheduler.advance(Duration.ofMillis(random.nextInt(3000)));
            }
        }
        for (int i = 0; i < 1_000; i++) {
            lab.advanceSeconds(1);
            lab.send(pool, random.nextInt(6), Outcome.SUCCESS, 2);
        }
        assertThat(pool.snapshot().eligible()).isEqualTo(6);
    }

    @Test
    @DisplayName("a check that outranks the detectors ends what all of them raised, and they can eject again")
    void aCheckThatReadmitsOverrulesEveryDetector() {
        ServerPool pool = lab.pool(
                4,
                HealthMonitor.consecutiveFailures(3),
                detection(),
                ActiveChecks.builder(Lab.PASSING)
                        .readmitsEjected(true)
                        .healthyThreshold(1)
                        .interval(Duration.ofMillis(900))
                        .build());
        for (int round = 0; round < 3; round++) {
            lab.send(pool, 0, Outcome.FAILURE, 3);
            assertThat(Lab.ejected(pool, 0)).as("round %d", round).isTrue();
            lab.advanceSeconds(5);
            assertThat(Lab.of(pool, 0).state()).as("round %d", round).isEqualTo(HealthState.HEALTHY);
        }
    }
}
