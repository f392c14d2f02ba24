package io.lbclient.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ManualSchedulerTest {
    private final FakeTicker ticker = new FakeTicker();
    private final ManualScheduler scheduler = new ManualScheduler(ticker);
    private final List<String> ran = new ArrayList<>();

    @Test
    void tasksRunInTheOrderOfTheirTimesAcrossTheWrappingOfTheClock() {
        scheduler.schedule(() -> ran.add("later"), 5, TimeUnit.SECONDS);
        scheduler.schedule(() -> ran.add("sooner"), 2, TimeUnit.SECONDS);
        scheduler.execute(() -> ran.add("now"));

        scheduler.advance(Duration.ofSeconds(4));

        assertThat(ran).containsExactly("now", "sooner");
        assertThat(ticker.read()).as("wrapped").isNegative();
    }

    @Test
    void itSaysHowFarTheNextTaskIs() {
        assertThat(scheduler.nanosUntilNext()).isEqualTo(Long.MAX_VALUE);

        ScheduledFuture<?> first = scheduler.schedule(() -> {}, 3, TimeUnit.MILLISECONDS);
        scheduler.schedule(() -> {}, 7, TimeUnit.MILLISECONDS);
        assertThat(scheduler.nanosUntilNext()).isEqualTo(3_000_000);

        first.cancel(false);
        ticker.advance(Duration.ofMillis(2));
        assertThat(scheduler.nanosUntilNext()).isEqualTo(5_000_000);

        ticker.advance(Duration.ofMillis(6));
        assertThat(scheduler.nanosUntilNext()).isEqualTo(-1_000_000);

        assertThat(scheduler.runDue()).isEqualTo(1);
        assertThat(scheduler.nanosUntilNext()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aPeriodicTaskIsDueAgainAndAgain() {
        scheduler.scheduleAtFixedRate(() -> ran.add("tick"), 1, 2, TimeUnit.SECONDS);

        scheduler.advance(Duration.ofSeconds(6));

        assertThat(ran).hasSize(3);
        assertThat(scheduler.nanosUntilNext()).isEqualTo(1_000_000_000);
    }

    @Test
    void nothingWaitsAfterAShutdown() {
        scheduler.schedule(() -> ran.add("never"), 1, TimeUnit.SECONDS);

        assertThat(scheduler.shutdownNow()).hasSize(1);

        assertThat(scheduler.nanosUntilNext()).isEqualTo(Long.MAX_VALUE);
        assertThat(scheduler.isTerminated()).isTrue();
    }
}
