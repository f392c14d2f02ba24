package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.server;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DiscoveryTest {
    private final PoolFixture fixture = new PoolFixture();
    private final Source source = new Source();

    private static final class Source implements ServerDiscovery {
        private final AtomicInteger closed = new AtomicInteger();
        private ServerDiscovery.@Nullable Sink sink;

        @Override
        public Subscription subscribe(ServerDiscovery.Sink given) {
            sink = given;
            given.update(servers("first"));
            return closed::incrementAndGet;
        }

        ServerDiscovery.Sink sink() {
            ServerDiscovery.Sink given = sink;
            assertThat(given).isNotNull();
            return given;
        }
    }

    @Test
    void aSourceMayPushWhileItIsSubscribedToAndEachListReplacesTheOneBefore() {
        ServerPool pool =
                fixture.builder().servers(servers("static")).discovery(source).build();
        assertThat(id(pool.pick())).isEqualTo("first");

        source.sink().update(servers("a", "b"));
        assertThat(id(pool.pick())).isEqualTo("a");
        assertThat(fixture.news)
                .containsExactly(
                        "added static", "added first", "removed static", "added a", "added b", "removed first");
    }

    @Test
    void whileTheSourceFailsTheLastListStays() {
        ServerPool pool = fixture.builder().discovery(source).build();
        source.sink().failed(new IllegalStateException("the registry is down"));

        assertThat(id(pool.pick())).isEqualTo("first");
    }

    @Test
    void aContradictoryListIsRefusedAndTheLastOneStays() {
        ServerPool pool = fixture.builder().discovery(source).build();

        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        source.sink().update(List.of(server("a"), server("a").withWeight(2))));
        assertThat(id(pool.pick())).isEqualTo("first");
    }

    @Test
    void theSubscriptionEndsOnceWithThePoolAndALatePushIsNoMistake() {
        ServerPool pool = fixture.builder().discovery(source).build();
        Threads.run(4, i -> pool::close);
        pool.close();
        source.sink().update(servers("late"));

        assertThat(source.closed).hasValue(1);
        assertThat(pool.snapshot().servers()).extracting(s -> s.server().id()).containsExactly("first");
    }

    @Test
    void aSourceThatCannotBeSubscribedToFailsTheBuildAndLeavesNothingRunning() {
        JudgedPool judge = new JudgedPool();
        ServerPoolBuilder builder = fixture.builder().healthMonitors(judge).discovery(sink -> {
            throw new IllegalStateException("no registry");
        });

        assertThatThrownBy(builder::build).hasMessage("no registry");
        assertThat(judge.told).containsExactly("closed");
    }

    @Test
    void aSourceIsAskedToLookAgainWhenItsServersTurnOutToBeBadAndOnlyThen() {
        JudgedPool judge = new JudgedPool();
        AtomicInteger asked = new AtomicInteger();
        ServerPool pool = fixture.builder()
                .servers(servers("a", "b"))
                .healthMonitors(judge)
                .discovery(sink -> new ServerDiscovery.Subscription() {
                    @Override
                    public void refresh() {
                        asked.incrementAndGet();
                    }

                    @Override
                    public void close() {}
                })
                .build();
        judge.raise("a", HealthCause.WARMING);
        pool.drain("b");
        fixture.settle();
        assertThat(asked).as("what says nothing of the list").hasValue(0);

        judge.raise("b", HealthCause.ACTIVE_CHECK);
        judge.clear("b", HealthCause.ACTIVE_CHECK);
        fixture.settle();
        assertThat(asked).as("a failing check").hasValue(1);

        pool.drain("a");
        assertThat(asked).as("none is left").hasValue(2);
    }

    /** They were members of the pool before the strategy knew them. */
    @Test
    void theFirstServersOfASourceCanBePickedAsSoonAsThePoolIsThere() throws Exception {
        CountDownLatch known = new CountDownLatch(1);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        ServerDiscovery another = sink -> {
            start(() -> sink.update(servers("a")));
            // Without a time: who waits for a time is the pool.
            uninterruptibly(known::await);
            return () -> {};
        };
        FutureTask<ServerPool> building = new FutureTask<>(() -> fixture.builder()
                .balancer((candidates, previous) -> {
                    known.countDown();
                    uninterruptibly(mayGoOn::await);
                    return PoolFixture.FIRST.picker(candidates, previous);
                })
                .startUpWait(Duration.ofMinutes(1))
                .discovery(another)
                .build());
        try {
            Thread builder = start(building);
            while (builder.getState() != Thread.State.TIMED_WAITING && !building.isDone()) {
                Thread.onSpinWait();
            }
            assertThat(building).isNotDone();
        } finally {
            mayGoOn.countDown();
        }
        assertThat(id(building.get(60, TimeUnit.SECONDS).pick())).isEqualTo("a");
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private interface Wait {
        void begin() throws InterruptedException;
    }

    private static void uninterruptibly(Wait wait) {
        try {
            wait.begin();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aSourceThatThrowsWhenItIsClosedDoesNotKeepThePoolOpen() {
        ServerPool pool = fixture.builder()
                .servers(servers("a"))
                .discovery(sink -> () -> {
                    throw new IllegalStateException("a source's mistake");
                })
                .build();
        pool.close();

        assertThatThrownBy(pool::pick).isInstanceOf(NoServerAvailableException.class);
    }
}
