package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The detector's count of what it ejected is right whatever happens in whatever order, or its cap drifts for ever. */
class ConsecutiveFailuresWalkTest {
    private static final Outcome[] OUTCOMES = Outcome.values();

    private final List<ConsecutiveFailures.PoolWatch> watches = new ArrayList<>();

    private HealthMonitor detector() {
        return pool -> {
            ConsecutiveFailures.PoolWatch watch = new ConsecutiveFailures(2).start(pool);
            watches.add(watch);
            return watch;
        };
    }

    private static long outliers(ServerPool pool) {
        return pool.snapshot().servers().stream()
                .filter(s -> s.causes().contains(HealthCause.OUTLIER))
                .count();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theCountIsRightAfterEachOfAHundredThousandSteps(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        PoolFixture fixture = new PoolFixture();
        ServerPool pool = fixture.builder()
                .balancer(PoolFixture.ANY)
                .healthMonitors(detector())
                .servers(PoolFixture.servers(6))
                .build();
        List<Attempt> open = new ArrayList<>();
        for (int step = 0; step < 100_000; step++) {
            step(random, fixture, pool, open);
            assertThat((long) watches.get(0).ejected()).isEqualTo(outliers(pool));
            if (step % 1000 == 0) {
                fixture.news.clear();
            }
        }
        open.forEach(Attempt::close);
        assertThat(pool.snapshot().servers()).allMatch(s -> s.inFlight() == 0);

        pool.update(List.of());
        assertThat(watches.get(0).ejected()).isZero();
        assertThat(fixture.scheduler.runDue()).isLessThan(10);
        assertThat(fixture.scheduler.waiting()).isZero();
    }

    private static void step(SplittableRandom random, PoolFixture fixture, ServerPool pool, List<Attempt> open) {
        int what = random.nextInt(100);
        if (what < 45) {
            if (!pool.snapshot().servers().isEmpty()) {
                open.add(pool.pick());
            }
        } else if (what < 90) {
            if (!open.isEmpty()) {
                Outcome outcome = random.nextInt(3) == 0 ? Outcome.SUCCESS : OUTCOMES[random.nextInt(OUTCOMES.length)];
                open.remove(random.nextInt(open.size())).complete(outcome);
            }
        } else if (what < 93) {
            pool.add(PoolFixture.server("s" + random.nextInt(10)));
        } else if (what < 96) {
            pool.remove("s" + random.nextInt(10));
        } else {
            fixture.advance(Duration.ofMillis(random.nextInt(2_000)));
        }
        if (random.nextBoolean()) {
            fixture.settle();
        }
    }

    @Test
    void theCountIsRightAfterManyThreadsEjectedReadmittedAndChangedTheServers() throws InterruptedException {
        // Trials are due at once, so that ejection and readmission meet all the time.
        ScheduledExecutorService impatient = new ImpatientScheduler(Executors.newScheduledThreadPool(2, task -> {
            Thread thread = new Thread(task, "impatient");
            thread.setDaemon(true);
            return thread;
        }));
        ServerPool pool = ServerPool.builder("orders")
                .balancer(PoolFixture.ANY)
                .healthMonitors(detector())
                .scheduler(impatient)
                .servers(PoolFixture.servers(6))
                .build();
        Threads.run(4, thread -> () -> {
            SplittableRandom random = new SplittableRandom(thread);
            for (int i = 0; i < 20_000; i++) {
                Attempt attempt = pool.pick();
                attempt.complete(random.nextInt(3) == 0 ? Outcome.SUCCESS : Outcome.CONNECT_FAILURE);
                if (thread == 0 && i % 50 == 0) {
                    pool.remove("s" + random.nextInt(3));
                    pool.add(PoolFixture.server("s" + random.nextInt(3)));
                }
            }
        });

        assertThat((long) watches.get(0).ejected()).isEqualTo(outliers(pool));
        // Whoever is out can come back: nothing is stuck.
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (outliers(pool) > 0 && System.nanoTime() < end) {
            pool.pick().complete(Outcome.SUCCESS);
        }
        assertThat(outliers(pool)).isZero();
        assertThat(watches.get(0).ejected()).isZero();
        pool.close();
        impatient.shutdown();
        assertThat(impatient.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }
}
