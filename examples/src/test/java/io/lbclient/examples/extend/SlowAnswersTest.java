package io.lbclient.examples.extend;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.HealthState;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlowAnswersTest {
    private static final Duration FAST = Duration.ofMillis(10);
    private static final Duration SLOW = Duration.ofMillis(600);

    private final FakeTicker ticker = new FakeTicker();
    private final ManualScheduler scheduler = new ManualScheduler(ticker);
    private final Balancer alwaysTheFirst = (candidates, previous) -> context -> candidates.get(0);
    private final ServerPool pool = ServerPool.builder("orders")
            .servers(Server.of("a", 80), Server.of("b", 80))
            .balancer(alwaysTheFirst)
            .healthMonitors(new SlowAnswers(Duration.ofMillis(500), 3, Duration.ofSeconds(5)))
            .ticker(ticker)
            .scheduler(scheduler)
            .build();

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void aServerIsEjectedAfterThreeSlowAnswersInARow() {
        answer(SLOW);
        answer(SLOW);
        assertThat(a().state()).isEqualTo(HealthState.HEALTHY);

        answer(SLOW);

        assertThat(a().state()).isEqualTo(HealthState.EJECTED);
        assertThat(a().detail()).isEqualTo("3 answers over PT0.5S");
        assertThat(answer(FAST)).isEqualTo("b");
    }

    @Test
    void aFastAnswerBetweenThemKeepsItIn() {
        answer(SLOW);
        answer(SLOW);
        answer(FAST);
        answer(SLOW);
        answer(SLOW);

        assertThat(a().state()).isEqualTo(HealthState.HEALTHY);
    }

    @Test
    void slowFailuresAreNotItsBusiness() {
        for (int i = 0; i < 3; i++) {
            end(SLOW, Outcome.FAILURE);
        }

        assertThat(a().state()).isEqualTo(HealthState.HEALTHY);
    }

    @Test
    void anAnswerFromBeforeTheEjectionDoesNotBringItBack() {
        Attempt early = pool.pick();
        early.answered();
        for (int i = 0; i < 3; i++) {
            answer(SLOW);
        }

        early.complete(Outcome.SUCCESS);

        assertThat(a().state()).isEqualTo(HealthState.EJECTED);
    }

    @Test
    void nothingOfItGoesOnWhenThePoolIsClosed() {
        pool.close();

        assertThat(scheduler.waiting()).isZero();
    }

    @Test
    void itIsTriedEveryFiveSecondsUntilATrialIsFast() {
        for (int i = 0; i < 3; i++) {
            answer(SLOW);
        }

        scheduler.advance(Duration.ofSeconds(5));
        assertThat(answer(SLOW)).as("the trial").isEqualTo("a");
        assertThat(answer(FAST)).isEqualTo("b");

        scheduler.advance(Duration.ofSeconds(5));
        assertThat(answer(FAST)).as("the trial").isEqualTo("a");
        assertThat(a().state()).isEqualTo(HealthState.HEALTHY);
        assertThat(answer(FAST)).isEqualTo("a");
    }

    /** Sends a request, and returns the host that answered it. */
    private String answer(Duration time) {
        return end(time, Outcome.SUCCESS);
    }

    private String end(Duration time, Outcome outcome) {
        try (Attempt attempt = pool.pick()) {
            ticker.advance(time);
            attempt.complete(outcome);
            scheduler.runDue();
            return attempt.server().host();
        }
    }

    private ServerSnapshot a() {
        return pool.snapshot().servers().get(0);
    }
}
