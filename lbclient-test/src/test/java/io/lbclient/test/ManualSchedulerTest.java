package io.lbclient.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
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
    void tasksOfOneTimeRunInTheOrderInWhichTheyWereGiven() {
        for (int i = 0; i < 20; i++) {
            String name = "task " + i;
            scheduler.schedule(() -> ran.add(name), 1, TimeUnit.SECONDS);
        }

        scheduler.advance(Duration.ofSeconds(1));

        assertThat(ran).hasSize(20).startsWith("task 0", "task 1", "task 2").endsWith("task 18", "task 19");
    }

    @Test
    void aPeriodicTaskThatShutsItDownRunsNoMore() {
        scheduler.scheduleAtFixedRate(
                () -> {
                    ran.add("tick");
                    scheduler.shutdown();
                },
                1,
                1,
                TimeUnit.SECONDS);

        scheduler.advance(Duration.ofSeconds(3));

        assertThat(ran).containsExactly("tick");
        assertThatThrownBy(() -> scheduler.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void nothingWaitsAfterAShutdown() {
        scheduler.schedule(() -> ran.add("never"), 1, TimeUnit.SECONDS);

        assertThat(scheduler.shutdownNow()).hasSize(1);

        assertThat(scheduler.nanosUntilNext()).isEqualTo(Long.MAX_VALUE);
        assertThat(scheduler.isTerminated()).isTrue();
    }
}
