package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.HealthCause;
import io.lbclient.HealthChange;
import io.lbclient.HealthState;
import io.lbclient.Outcome;
import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.Threads;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutlierInvariantsTest {
    private static final Outcome[] OUTCOMES = Outcome.values();

    @Test
    @DisplayName("the cap holds under 10^6 random operations, for 1 to 20 servers and every percentage")
    void theCapHolds() {
        Random random = new Random(42);
        int operations = 1_000_000 / (20 * 101) + 1;
        int mostSeen = 0;
        for (int servers = 1; servers <= 20; servers++) {
            for (int percent = 0; percent <= 100; percent++) {
                mostSeen = Math.max(mostSeen, walkWithin(servers, percent, operations, random));
            }
        }
        // The walk is of use only if ejections come up to the cap.
        assertThat(mostSeen).isEqualTo(20);
    }

    private static int walkWithin(int servers, int percent, int operations, Random random) {
        Lab lab = new Lab();
        boolean alwaysOne = random.nextBoolean();
        ServerPool pool = lab.pool(
                servers,
                OutlierDetection.builder()
                        .consecutiveFailures(2)
                        .consecutiveLocalOriginFailures(2)
                        .successRate(2, 3, 1.0)
                        .failurePercentage(50, 1, 3)
                        .maxEjectionPercent(percent)
                        .alwaysEjectOneServer(alwaysOne)
                        .returnByTrial(random.nextBoolean())
                        .build());
        int cap = Math.max(servers * percent / 100, alwaysOne && servers > 1 ? 1 : 0);
        int most = 0;
        for (int i = 0; i < operations; i++) {
            int what = random.nextInt(20);
            if (what == 0) {
                lab.scheduler.advance(Duration.ofSeconds(random.nextInt(20)));
            } else {
                Outcome outcome = what < 16 ? Outcome.FAILURE : OUTCOMES[random.nextInt(OUTCOMES.length)];
                lab.send(pool, random.nextInt(servers), outcome, 1);
            }
            int out = Lab.ejectedCount(pool);
            most = Math.max(most, out);
            assertThat(out).isLessThanOrEqualTo(cap);
        }
        pool.close();
        return most;
    }

    @Test
    @DisplayName("10^6 events at flapping servers with requests in flight leave no drift")
    void flappingLeavesNoDrift() {
        Lab lab = new Lab();
        ServerPool pool = lab.pool(
                10,
                OutlierDetection.builder()
                        .consecutiveFailures(2)
                        .maxEjectionPercent(50)
                        .interval(Duration.ofSeconds(1))
                        .baseEjectionTime(Duration.ofSeconds(2))
                        .maxEjectionTime(Duration.ofSeconds(8))
                        .build());
        Deque<Attempt> inFlight = new ArrayDeque<>();
        flap(lab, pool, inFlight);
        int ejections = lab.changes.size();
        assertThat(ejections).isGreaterThan(1000);
        inFlight.forEach(attempt -> attempt.complete(Outcome.CANCELLED));
        pool.update(Lab.servers(10));
        lab.advanceSeconds(20);
        assertThat(pool.snapshot().servers()).hasSize(10).allSatisfy(server -> {
            assertThat(server.inFlight()).isZero();
            assertThat(server.state()).isEqualTo(HealthState.HEALTHY);
        });
        // All five places are there again.
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 10; i++) {
                lab.send(pool, i, Outcome.FAILURE, 2);
            }
        }
        assertThat(Lab.ejectedCount(pool)).isEqualTo(5);
    }

    private static void flap(Lab lab, ServerPool pool, Deque<Attempt> inFlight) {
        Random random = new Random(7);
        List<Server> all = Lab.servers(10);
        for (int i = 0; i < 1_000_000; i++) {
            int what = random.nextInt(100);
            if (what < 50) {
                inFlight.add(lab.pick(pool, random.nextInt(10)));
            } else if (what < 98) {
                Attempt attempt = inFlight.poll();
                if (attempt != null) {
                    attempt.complete(random.nextBoolean() ? Outcome.FAILURE : Outcome.SUCCESS);
                }
            } else if (what == 98) {
                lab.scheduler.advance(Duration.ofMillis(random.nextInt(1000)));
            } else {
                pool.update(all.subList(0, 5 + random.nextInt(6)));
            }
        }
    }

    @ParameterizedTest
    @DisplayName("I10: however the clock jumps, an ejection ends within the base time and an interval")
    @ValueSource(strings = {"PT-1S", "PT-1H", "PT1H", "PT-24H", "PT24H", "PT0S"})
    void incident10ClockJumps(String jump) {
        for (boolean trial : new boolean[] {true, false}) {
            for (int at = 0; at < 42; at += 3) {
                // The pool's clock stands right before the wrap; the scheduler goes by another, as real ones do.
                FakeTicker clock = new FakeTicker(Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(15));
                FakeTicker real = new FakeTicker(0);
                ManualScheduler scheduler = new ManualScheduler(real);
                ServerPool pool = ServerPool.builder("orders")
                        .ticker(clock)
                        .scheduler(scheduler)
                        .servers(Lab.servers(2))
                        .healthMonitors(
                                OutlierDetection.builder().returnByTrial(trial).build())
                        .build();
                for (int second = 0; second < 3; second++) {
                    pass(clock, scheduler);
                }
                failAll(pool);
                scheduler.runDue();
                assertThat(Lab.ejectedCount(pool)).isOne();
                for (int second = 0; second < 40; second++) {
                    if (second == at) {
                        clock.advance(Duration.parse(jump));
                    }
                    pass(clock, scheduler);
                }
                assertThat(Lab.ejectedCount(pool)).isZero();
            }
        }
    }

    private static void pass(FakeTicker clock, ManualScheduler scheduler) {
        clock.advance(Duration.ofSeconds(1));
        scheduler.advance(Duration.ofSeconds(1));
    }

    private static void failAll(ServerPool pool) {
        for (int i = 0; i < 40; i++) {
            pool.pick().complete(Outcome.FAILURE);
        }
    }

    @Test
    @DisplayName("what was ejected always returns, with a real scheduler and many threads at it")
    void racesLoseNoServer() throws Exception {
        try (ServerPool pool = ServerPool.builder("orders")
                .servers(Lab.servers(6))
                .healthMonitors(OutlierDetection.builder()
                        .consecutiveFailures(2)
                        .maxEjectionPercent(50)
                        .interval(Duration.ofMillis(5))
                        .baseEjectionTime(Duration.ofMillis(2))
                        .maxEjectionTime(Duration.ofMillis(10))
                        .build())
                .build()) {
            Threads.run(4, thread -> () -> {
                Random random = new Random(1);
                for (int i = 0; i < 50_000; i++) {
                    pool.pick().complete(random.nextInt(3) > 0 ? Outcome.FAILURE : Outcome.SUCCESS);
                }
            });
            CountDownLatch healthy = new CountDownLatch(1);
            pool.addListener(new PoolListener() {
                @Override
                public void healthChanged(HealthChange change) {
                    if (Lab.ejectedCount(pool) == 0) {
                        healthy.countDown();
                    }
                }
            });
            assertThat(Lab.ejectedCount(pool) == 0 || healthy.await(30, TimeUnit.SECONDS))
                    .isTrue();
            assertThat(pool.snapshot().servers())
                    .extracting(ServerSnapshot::state)
                    .containsOnly(HealthState.HEALTHY);
        }
    }

    /** A second detector, so that two hold the same cause. */
    @Test
    void aServerThatAnotherDetectorHoldsOutIsLeftToIt() {
        Lab lab = new Lab();
        Lab.Judge judge = new Lab.Judge();
        ServerPool pool = lab.pool(3, OutlierDetection.withDefaults(), judge);
        judge.raise(0, HealthCause.OUTLIER);
        lab.send(pool, 0, Outcome.FAILURE, 5);
        lab.advanceSeconds(60);
        assertThat(Lab.ejected(pool, 0)).isTrue();
        judge.clear(0, HealthCause.OUTLIER);
        lab.send(pool, 0, Outcome.FAILURE, 5);
        assertThat(lab.lastDetail()).isEqualTo("5 consecutive failures, out for PT30S");
    }
}
