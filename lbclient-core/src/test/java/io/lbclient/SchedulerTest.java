package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.of;
import static io.lbclient.PoolFixture.pickOnce;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private static boolean hasThread(String pool) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("lbclient-" + pool));
    }

    @Test
    void aPoolHasNoThreadUntilItNeedsOneAndThenADaemonThatEndsWithThePool() throws InterruptedException {
        CountDownLatch ejected = new CountDownLatch(1);
        Thread[] background = new Thread[1];
        ServerPool pool = ServerPool.builder("threads")
                .balancer(PoolFixture.FIRST)
                .servers(servers("a", "b"))
                .listener(new PoolListener() {
                    @Override
                    public void healthChanged(HealthChange change) {
                        background[0] = Thread.currentThread();
                        ejected.countDown();
                    }
                })
                .build();
        for (int i = 0; i < 100; i++) {
            pickOnce(pool, i % 2 == 0 ? Outcome.FAILURE : Outcome.SUCCESS);
        }
        pool.update(servers("a", "b", "c"));
        pool.view(s -> true).refresh();
        assertThat(hasThread("threads")).isFalse();

        pickOnce(pool, Outcome.CONNECT_FAILURE);
        assertThat(ejected.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(background[0].getName()).isEqualTo("lbclient-threads");
        assertThat(background[0].isDaemon()).isTrue();
        pool.close();
        background[0].join(TimeUnit.SECONDS.toMillis(60));
        assertThat(background[0].isAlive()).isFalse();
        assertThat(hasThread("threads")).isFalse();
    }

    @Test
    void theThreadInheritsNothingFromTheRequestThatStartedIt() throws InterruptedException {
        InheritableThreadLocal<String> ofTheRequest = new InheritableThreadLocal<>();
        String[] seen = {"not called"};
        CountDownLatch ejected = new CountDownLatch(1);
        try (ServerPool pool = ServerPool.builder("inherits")
                .servers(servers("a"))
                .listener(new PoolListener() {
                    @Override
                    public void healthChanged(HealthChange change) {
                        seen[0] = String.valueOf(ofTheRequest.get());
                        ejected.countDown();
                    }
                })
                .build()) {
            ofTheRequest.set("secret");
            pickOnce(pool, Outcome.CONNECT_FAILURE);

            assertThat(ejected.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(seen[0]).isEqualTo("null");
        } finally {
            ofTheRequest.remove();
        }
    }

    @Test
    void aUsersSchedulerIsUsedAndNotShutDown() {
        PoolFixture fixture = new PoolFixture();
        ServerPool pool = fixture.pool("a", "b");
        pickOnce(pool, Outcome.CONNECT_FAILURE);
        assertThat(id(pool.pick())).isEqualTo("a");
        fixture.settle();
        assertThat(id(pool.pick())).isEqualTo("b");
        pool.close();

        assertThat(fixture.scheduler.isShutdown()).isFalse();
        assertThat(hasThread("orders")).isFalse();
    }

    @Test
    void manyChangesAtOnceCostOneRebuild() {
        PoolFixture fixture = new PoolFixture();
        JudgedPool judge = new JudgedPool();
        int[] built = {0};
        fixture.builder()
                .balancer((candidates, previous) -> {
                    built[0]++;
                    return context -> candidates.get(0);
                })
                .healthMonitors(judge)
                .servers(servers("a", "b", "c", "d"))
                .build();
        built[0] = 0;
        judge.raise("a", HealthCause.OUTLIER);
        judge.raise("b", HealthCause.OUTLIER);
        judge.raise("c", HealthCause.BREAKER);
        assertThat(fixture.settleCount()).isEqualTo(1);

        assertThat(built[0]).isEqualTo(1);
        assertThat(fixture.news).endsWith("raised OUTLIER on a", "raised OUTLIER on b", "raised BREAKER on c");
    }

    @Test
    void aRebuildThatAShutDownSchedulerDroppedIsMadeWithTheNextChange() {
        PoolFixture fixture = new PoolFixture();
        JudgedPool judge = new JudgedPool();
        ServerPool pool = fixture.builder()
                .healthMonitors(judge)
                .servers(servers("a", "b", "c"))
                .build();
        judge.raise("a", HealthCause.OUTLIER);
        fixture.scheduler.shutdownNow();
        assertThat(id(pool.pick())).isEqualTo("a");
        judge.raise("b", HealthCause.OUTLIER);

        assertThat(id(pool.pick())).isEqualTo("c");
        assertThat(fixture.news).endsWith("raised OUTLIER on a", "raised OUTLIER on b");
    }

    @Test
    void afterTheEndNothingIsJudgedAndWhatWasStillToBeToldIsTold() {
        PoolFixture fixture = new PoolFixture();
        JudgedPool judge = new JudgedPool();
        ServerPool pool = fixture.builder()
                .healthMonitors(judge)
                .servers(servers("a", "b"))
                .build();
        judge.raise("a", HealthCause.OUTLIER);
        pool.close();
        assertThat(fixture.news).endsWith("raised OUTLIER on a");

        judge.raise("b", HealthCause.OUTLIER);
        judge.offerTrial("a");
        assertThat(of(pool, "b").state()).isEqualTo(HealthState.HEALTHY);
        assertThat(fixture.settleCount()).isLessThanOrEqualTo(1);
        assertThat(fixture.news).endsWith("raised OUTLIER on a");
    }
}
