package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.server;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
    void theFirstServersOfASourceCanBePickedAsSoonAsThePoolIsThere() {
        CountDownLatch known = new CountDownLatch(1);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        AtomicBoolean tried = new AtomicBoolean();
        ServerDiscovery another = sink -> {
            Thread builder = Thread.currentThread();
            CompletableFuture.runAsync(() -> sink.update(servers("a")));
            awaitQuietly(known);
            CompletableFuture.runAsync(() -> {
                while (builder.getState() != Thread.State.TIMED_WAITING && !tried.get()) {
                    Thread.onSpinWait();
                }
                mayGoOn.countDown();
            });
            return () -> {};
        };

        ServerPool pool = fixture.builder()
                .balancer((candidates, previous) -> {
                    known.countDown();
                    awaitQuietly(mayGoOn);
                    return PoolFixture.FIRST.picker(candidates, previous);
                })
                .startUpWait(Duration.ofMinutes(1))
                .discovery(another)
                .build();
        try {
            assertThat(id(pool.pick())).isEqualTo("a");
        } finally {
            tried.set(true);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
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
