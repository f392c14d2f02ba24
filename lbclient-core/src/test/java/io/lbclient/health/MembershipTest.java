package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.HealthChange;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.PoolListener;
import io.lbclient.ServerPool;
import io.lbclient.Threads;
import io.lbclient.health.HealthCheck.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What monitors make of servers that join and leave at awkward moments. */
class MembershipTest {
    private final Lab lab = new Lab();

    @Test
    @DisplayName("bug 19: an emptied pool says so, keeps no server, and is of use again at once when it is filled")
    void bug19AnEmptiedPool() {
        List<String> asked = new ArrayList<>();
        HealthCheck check = (server, executor) -> {
            asked.add(server.id());
            return CompletableFuture.completedFuture(Result.PASSED);
        };
        ServerPool pool = lab.pool(
                3, OutlierDetection.withDefaults(), ActiveChecks.of(check), SlowStart.over(Duration.ofSeconds(10)));
        lab.advanceSeconds(20);
        lab.send(pool, 0, Outcome.FAILURE, 5);
        pool.update(List.of());
        assertThatThrownBy(pool::pick)
                .isInstanceOf(NoServerAvailableException.class)
                .hasMessageContaining("0 servers");
        asked.clear();
        lab.advanceSeconds(60);
        assertThat(asked).isEmpty();
        // Nothing is remembered of the one that was ejected.
        pool.update(Lab.servers(3));
        lab.send(pool, 0, Outcome.SUCCESS, 3);
        assertThat(Lab.of(pool, 0).picks()).isEqualTo(3);
        lab.advanceSeconds(10);
        assertThat(asked).contains("s0", "s1", "s2");
    }

    private ServerPool fourOfTenOut() {
        ServerPool pool =
                lab.pool(10, OutlierDetection.builder().maxEjectionPercent(40).build());
        for (int server = 0; server < 4; server++) {
            lab.send(pool, server, Outcome.FAILURE, 5);
            lab.advanceSeconds(1);
        }
        assertThat(Lab.ejectedCount(pool)).isEqualTo(4);
        return pool;
    }

    @Test
    @DisplayName("when the healthy leave and the cap is exceeded, those that are out longest are tried at once")
    void whoIsBeyondTheCapIsTriedAtOnce() {
        ServerPool pool = fourOfTenOut();
        pool.update(Lab.servers(5));
        lab.scheduler.runDue();
        lab.send(pool, 4, Outcome.SUCCESS, 10);

        assertThat(Lab.ejectedCount(pool)).isEqualTo(2);
        assertThat(Lab.ejected(pool, 0)).isFalse();
        assertThat(Lab.ejected(pool, 1)).isFalse();
    }

    @Test
    @DisplayName("when the healthy leave and the cap is exceeded, what still fails its trial stays out")
    void beyondTheCapNothingBadIsUsed() {
        ServerPool pool = fourOfTenOut();
        pool.update(Lab.servers(5));
        lab.scheduler.runDue();
        lab.send(pool, 4, Outcome.FAILURE, 2);
        long picks = Lab.of(pool, 0).picks();
        lab.send(pool, 4, Outcome.SUCCESS, 100);

        assertThat(Lab.ejectedCount(pool)).isEqualTo(4);
        assertThat(Lab.of(pool, 0).picks()).isEqualTo(picks);
    }

    @Test
    @DisplayName("when healthy servers leave one after the other, who is being tried is not tried once more")
    void beyondTheCapNobodyIsTriedTwiceAtOnce() {
        ServerPool pool = fourOfTenOut();
        pool.update(Lab.servers(6));
        lab.scheduler.runDue();
        assertThat(List.of(lab.pick(pool, 5), lab.pick(pool, 5)))
                .extracting(trial -> trial.server().id())
                .containsExactlyInAnyOrder("s0", "s1");
        pool.update(Lab.servers(5));
        lab.scheduler.runDue();

        assertThat(lab.pick(pool, 4).server().id()).isEqualTo("s4");
    }

    @Test
    @DisplayName("when healthy servers leave and the cap holds, nobody is tried before the time")
    void withinTheCapNobodyIsTried() {
        ServerPool pool =
                lab.pool(10, OutlierDetection.builder().maxEjectionPercent(40).build());
        lab.send(pool, 0, Outcome.FAILURE, 5);
        pool.update(Lab.servers(3));
        lab.scheduler.runDue();
        lab.send(pool, 1, Outcome.SUCCESS, 10);

        assertThat(Lab.ejected(pool, 0)).isTrue();
    }

    @Test
    @DisplayName("bug 20: checks that end where they begin, of any number of servers, do not pile up on the stack")
    void bug20NoStackOverflow() {
        AtomicInteger asked = new AtomicInteger();
        HealthCheck check = (server, executor) -> {
            asked.incrementAndGet();
            return CompletableFuture.completedFuture(Result.failed("down"));
        };
        ServerPool pool =
                lab.pool(10_000, ActiveChecks.builder(check).maxConcurrent(1).build());
        // All at once: the clock is past the time of each when the scheduler looks.
        lab.ticker.advance(Duration.ofSeconds(5));
        lab.scheduler.runDue();
        assertThat(asked.get()).isGreaterThanOrEqualTo(10_000);
        pool.close();
    }

    @Test
    @DisplayName("bug 20: a listener that changes the list when it hears of a change is no trap")
    void bug20UpdatesFromAListener() {
        AtomicInteger updates = new AtomicInteger();
        ServerPool pool =
                lab.pool(4, OutlierDetection.builder().maxEjectionPercent(100).build());
        pool.addListener(new PoolListener() {
            @Override
            public void healthChanged(HealthChange change) {
                pool.remove(change.server().id());
                pool.add(change.server());
                updates.incrementAndGet();
            }
        });
        for (int i = 0; i < 400; i++) {
            lab.send(pool, i % 4, Outcome.FAILURE, 5);
        }
        assertThat(updates.get()).isGreaterThanOrEqualTo(400);
        assertThat(pool.snapshot().servers()).hasSize(4);
        assertThat(pool.snapshot().eligible()).isEqualTo(4);
    }

    @Test
    @DisplayName("bug 20: lists that come from many threads while checks flip leave one consistent pool")
    void bug20UpdatesFromManyThreads() throws Exception {
        AtomicInteger flips = new AtomicInteger();
        HealthCheck flipping = (server, executor) -> CompletableFuture.completedFuture(
                flips.incrementAndGet() % 3 == 0 ? Result.PASSED : Result.failed("flip"));
        try (ServerPool pool = ServerPool.builder("many")
                .servers(Lab.servers(20))
                .healthMonitors(
                        ActiveChecks.builder(flipping)
                                .interval(Duration.ofMillis(2))
                                .healthyThreshold(1)
                                .unhealthyThreshold(1)
                                .build(),
                        OutlierDetection.withDefaults(),
                        SlowStart.over(Duration.ofMillis(50)))
                .build()) {
            Threads.run(4, thread -> () -> {
                for (int i = 0; i < 500; i++) {
                    pool.update(Lab.servers(1 + (thread * 7 + i) % 20));
                    pool.pick().complete(i % 2 == 0 ? Outcome.FAILURE : Outcome.SUCCESS);
                }
            });
            pool.update(Lab.servers(20));
            assertThat(pool.snapshot().servers())
                    .hasSize(20)
                    .allSatisfy(s -> assertThat(s.inFlight()).isZero());
        }
    }
}
