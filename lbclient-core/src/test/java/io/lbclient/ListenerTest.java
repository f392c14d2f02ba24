package io.lbclient;

import static io.lbclient.PoolFixture.server;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ListenerTest {
    private final PoolFixture fixture = new PoolFixture();

    private static PoolListener onAdded(Runnable action) {
        return new PoolListener() {
            @Override
            public void serverAdded(String pool, Server server) {
                action.run();
            }
        };
    }

    @Test
    void eachChangeIsToldOnceInOrderAndAfterItIsInForce() {
        List<String> told = new ArrayList<>();
        ServerPool[] pool = new ServerPool[1];
        pool[0] = fixture.pool();
        pool[0].addListener(new PoolListener() {
            @Override
            public void serverAdded(String name, Server server) {
                told.add(name + " added " + server.id() + ", picked " + PoolFixture.id(pool[0].pick()));
            }

            @Override
            public void healthChanged(HealthChange change) {
                told.add(change.server().id() + " " + change.from() + " to " + change.to() + ": " + change.detail());
            }
        });
        pool[0].add(server("a"));
        PoolFixture.pickOnce(pool[0], Outcome.CONNECT_FAILURE);
        assertThat(told).containsExactly("orders added a, picked a");
        fixture.settle();

        assertThat(told).containsExactly("orders added a, picked a", "a HEALTHY to EJECTED: connect failure");
        assertThat(fixture.news).containsExactly("added a", "raised OUTLIER on a", "none of 1");
    }

    @Test
    void whatAListenerThrowsReachesNeitherTheOtherListenersNorTheCaller() {
        ServerPool pool = fixture.builder()
                .listener(onAdded(() -> {
                    throw new AssertionError("a listener's mistake");
                }))
                .listener(onAdded(() -> fixture.news.add("second")))
                .build();
        pool.add(server("a"));
        pool.add(server("b"));

        assertThat(fixture.news).containsExactly("added a", "second", "added b", "second");
    }

    @Test
    @DisplayName("bug 15: a listener of the builder hears of the first servers, before the pool is handed out")
    void bug15TheFirstUpdateIsTold() {
        List<String> told = new ArrayList<>();
        fixture.builder()
                .listener(onAdded(() -> told.add("added")))
                .servers(servers("a", "b"))
                .build();
        assertThat(told).containsExactly("added", "added");
    }

    @Test
    @DisplayName("bug 15: a listener that adds another one while it is told, and changes the pool, blocks nobody")
    void bug15AListenerMayAddListeners() {
        ServerPool pool = fixture.pool("a");
        List<String> told = new ArrayList<>();
        AtomicBoolean first = new AtomicBoolean(true);
        pool.addListener(onAdded(() -> {
            told.add("outer");
            if (first.getAndSet(false)) {
                pool.addListener(onAdded(() -> told.add("inner")));
                pool.add(server("c"));
            }
        }));
        pool.add(server("b"));
        assertThat(pool.snapshot().servers()).hasSize(3);
        // The inner one is told of what happened after it was added, and in the order in which it happened.
        assertThat(told).containsExactly("outer", "outer", "inner");
    }

    @Test
    void aRemovedListenerIsToldNothing() {
        ServerPool pool = fixture.pool();
        PoolListener listener = onAdded(() -> fixture.news.add("told"));
        pool.addListener(listener);
        pool.removeListener(listener);
        pool.removeListener(listener);
        pool.add(server("a"));

        assertThat(fixture.news).containsExactly("added a");
    }

    @Test
    void listenersRunWithoutALockSoTheyMayWaitForAnotherThreadThatUsesThePool() {
        List<String> picked = new ArrayList<>();
        ServerPool[] pool = new ServerPool[1];
        pool[0] = fixture.builder()
                .listener(new PoolListener() {
                    @Override
                    public void serverRemoved(String name, Server server) {
                        Threads.run(1, i -> () -> {
                            pool[0].update(servers("c"));
                            picked.add(PoolFixture.id(pool[0].pick()));
                        });
                    }
                })
                .servers(servers("a", "b"))
                .build();
        pool[0].remove("a");

        assertThat(picked).containsExactly("c", "c");
    }

    @Test
    void theNewsOfOneServerComesInOrderWhicheverThreadsMakeIt() throws Exception {
        CompletableFuture<HealthChange> last = new CompletableFuture<>();
        JudgedPool judge = new JudgedPool();
        List<HealthChange> told = Collections.synchronizedList(new ArrayList<>());
        ServerPool pool = ServerPool.builder("orders")
                .servers(servers("a", "b"))
                .healthMonitors(judge)
                .listener(new PoolListener() {
                    @Override
                    public void healthChanged(HealthChange change) {
                        told.add(change);
                        if (change.cause() == HealthCause.DRAINING) {
                            last.complete(change);
                        }
                    }
                })
                .build();
        Candidate a = judge.candidate("a");
        List<Integer> changes = Threads.together(4, thread -> () -> {
            int made = 0;
            for (int i = 0; i < 5_000; i++) {
                HealthCause cause = i % 3 == 0 ? HealthCause.OUTLIER : HealthCause.BREAKER;
                made += judge.pool().raise(a, cause, "t") ? 1 : 0;
                made += judge.pool().clear(a, cause, "t") ? 1 : 0;
            }
            return made;
        });
        pool.drain("a");
        last.get(60, TimeUnit.SECONDS);
        pool.close();

        assertThat(told).hasSize(changes.stream().mapToInt(Integer::intValue).sum() + 1);
        assertInOrder(told);
        assertThat(told.get(told.size() - 1).to()).isEqualTo(HealthState.DRAINING);
    }

    private static void assertInOrder(List<HealthChange> told) {
        HealthState state = HealthState.HEALTHY;
        boolean outlier = false;
        for (HealthChange change : told) {
            assertThat(change.from()).isEqualTo(state);
            state = change.to();
            if (change.cause() == HealthCause.OUTLIER) {
                assertThat(change.raised()).isNotEqualTo(outlier);
                outlier = change.raised();
            }
        }
    }
}
