package io.lbclient;

import static io.lbclient.PoolFixture.server;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.lbclient.balancer.Balancers;
import io.lbclient.balancer.HashKey;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What changes of a pool of ten thousand servers cost, counted rather than timed, and what they leave behind. */
@Timeout(300)
class LargePoolTest {
    private static final int MANY = 10_000;

    private final PoolFixture fixture = new PoolFixture();
    private final JudgedPool judge = new JudgedPool();
    private final AtomicInteger pickersMade = new AtomicInteger();
    private final Balancer counting = (candidates, previous) -> {
        pickersMade.incrementAndGet();
        return Balancers.roundRobin().picker(candidates, previous);
    };

    private ServerPool pool() {
        ServerPool pool = fixture.builder()
                .balancer(counting)
                .healthMonitors(judge)
                .servers(servers(MANY))
                .build();
        fixture.settle();
        pickersMade.set(0);
        return pool;
    }

    @Test
    @DisplayName("10 000 servers: a health flip costs one rebuild and no more, and the next pick goes by it")
    void aFlipIsOneRebuild() {
        ServerPool pool = pool();
        for (int flip = 1; flip <= 20; flip++) {
            String id = "s" + flip * 379;
            judge.raise(id, HealthCause.ACTIVE_CHECK);
            // The rebuild, and no task besides it.
            assertThat(fixture.settleCount()).isEqualTo(1);
            assertThat(pickersMade).hasValue(flip);
            // A whole round of turns comes by without it.
            for (int i = 0; i < MANY; i++) {
                try (Attempt attempt = pool.pick()) {
                    assertThat(attempt.server().id()).isNotEqualTo(id);
                }
            }
        }
    }

    @Test
    @DisplayName("10 000 servers: a thousand flips at once cost one rebuild together")
    void aBurstOfFlipsIsOneRebuild() {
        ServerPool pool = pool();
        for (int i = 0; i < 1000; i++) {
            judge.raise("s" + i, HealthCause.OUTLIER);
        }
        assertThat(fixture.settleCount()).isEqualTo(1);
        assertThat(pickersMade).hasValue(1);
        assertThat(pool.snapshot().eligible()).isEqualTo(MANY - 1000);
    }

    @Test
    @DisplayName("10 000 servers: a flip and its end before the rebuild make no new picker")
    void aFlipThatIsTakenBackCostsTheStrategyNothing() {
        pool();
        judge.raise("s7", HealthCause.OUTLIER);
        judge.clear("s7", HealthCause.OUTLIER);
        assertThat(fixture.settleCount()).isEqualTo(1);
        assertThat(pickersMade).hasValue(0);
    }

    /** The ring is made anew each time, which is too much work for as many updates as the others get. */
    static Stream<Arguments> strategies() {
        return Stream.of(
                arguments(Balancers.adaptive(), 100_000),
                arguments(Balancers.roundRobin(), 5_000),
                arguments(Balancers.ringHash(HashKey.path()).build(), 2_000));
    }

    @ParameterizedTest(name = "{0}, {1} updates")
    @MethodSource("strategies")
    @DisplayName(
            "I23: after a hundred thousand updates, each with an id of its own, nothing of those that left is kept")
    void incident23ChurnLeavesNothing(Balancer strategy, int updates) {
        ServerPool pool = fixture.builder()
                .balancer(strategy)
                .healthMonitors(judge, HealthMonitor.consecutiveFailures(5))
                .build();
        Deque<Server> present = new ArrayDeque<>(servers(10));
        pool.update(List.copyOf(present));
        List<WeakReference<Candidate>> gone = new ArrayList<>();
        for (int update = 0; update < updates; update++) {
            String leaving = present.removeFirst().id();
            if (update % (updates / 100) == 0) {
                gone.add(new WeakReference<>(judge.candidate(leaving)));
                judge.raise(leaving, HealthCause.BREAKER);
            }
            present.addLast(server("n" + update));
            Attempt attempt = pool.pick();
            attempt.complete(update % 3 == 0 ? Outcome.CONNECT_FAILURE : Outcome.SUCCESS);
            pool.update(List.copyOf(present));
            judge.told.clear();
            fixture.news.clear();
            fixture.settle();
        }
        assertThat(judge.pool().candidates()).hasSize(10);
        assertThat(fixture.scheduler.waiting())
                .as("tasks for servers that left")
                .isLessThanOrEqualTo(10);
        assertThat(gone).hasSize(100);
        assertCollected(gone);
        pool.close();
    }

    /** Waits for the collector, which needs to be asked more than once if it works concurrently. */
    private static void assertCollected(List<? extends WeakReference<?>> gone) {
        for (int i = 0; i < 50 && gone.stream().anyMatch(one -> one.get() != null); i++) {
            System.gc();
        }
        assertThat(gone).allSatisfy(one -> assertThat(one.get()).isNull());
    }

    @Test
    @DisplayName("a hundred zones that came and went one after another: nothing of their pickers is kept")
    void pickersOfZonesThatAreGoneAreForgotten() {
        List<WeakReference<Balancer.Picker>> made = new ArrayList<>();
        ServerPool pool = fixture.builder()
                .zoneAffinity(ZoneAffinity.preferring("home").withMinServers(0))
                .balancer((candidates, previous) -> {
                    Balancer.Picker picker = context -> candidates.get(0);
                    if (!candidates.get(0).server().zone().equals("home")) {
                        made.add(new WeakReference<>(picker));
                    }
                    return picker;
                })
                .build();
        for (int i = 0; i <= 100; i++) {
            pool.update(List.of(
                    PoolFixture.server("h").withZone("home"),
                    PoolFixture.server("s" + i).withZone("z" + i)));
        }
        assertThat(made).hasSize(101);
        assertCollected(made.subList(0, 100));
        pool.close();
    }

    @Test
    @DisplayName(
            "2 000 updates of 1 000 servers while another thread picks: no server that left is kept, and none is lost")
    void churnUnderTraffic() throws Exception {
        ServerPool pool = ServerPool.builder("orders").healthMonitors(judge).build();
        Deque<Server> present = new ArrayDeque<>(servers(1_000));
        pool.update(List.copyOf(present));
        List<WeakReference<Candidate>> gone = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch picking = new CountDownLatch(1);
        CompletableFuture<Void> traffic = CompletableFuture.runAsync(() -> {
            while (!over.get()) {
                try (Attempt attempt = pool.pick()) {
                    attempt.complete(Outcome.SUCCESS);
                }
                picking.countDown();
            }
        });
        try {
            assertThat(picking.await(60, TimeUnit.SECONDS)).isTrue();
            for (int update = 0; update < 2_000; update++) {
                // Without a search: these two lists are in the same order.
                Candidate leaving = judge.pool().candidates().get(0);
                gone.add(new WeakReference<>(leaving));
                assertThat(leaving.server()).isEqualTo(present.removeFirst());
                present.addLast(server("n" + update));
                pool.update(List.copyOf(present));
                judge.told.clear();
            }
        } finally {
            over.set(true);
        }
        traffic.get(60, TimeUnit.SECONDS);
        assertThat(judge.pool().candidates())
                .extracting(Candidate::server)
                .map(Server.class::cast)
                .containsExactlyElementsOf(present);
        assertThat(pool.snapshot().servers())
                .allSatisfy(one -> assertThat(one.inFlight()).isZero());
        assertThat(gone).hasSize(2_000);
        assertCollected(gone);
        pool.close();
    }
}
