package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.HealthCause;
import io.lbclient.HealthChange;
import io.lbclient.HealthMonitor;
import io.lbclient.Outcome;
import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Real time, real threads, real sockets: what blocks must hold up nobody else, and end with the pool. */
class BlockingChecksTest {
    /** Longer than a server that answers at once, or who asks it, is held up on a busy machine. */
    private static final Duration PAUSE = Duration.ofSeconds(4);

    private final BlockingQueue<HealthChange> changes = new LinkedBlockingQueue<>();

    private ServerPool pool(String name, HealthMonitor monitor, Server... servers) {
        return ServerPool.builder(name)
                .servers(servers)
                .healthMonitors(monitor)
                .listener(new PoolListener() {
                    @Override
                    public void healthChanged(HealthChange change) {
                        changes.add(change);
                    }
                })
                .build();
    }

    private HealthChange nextChange() throws InterruptedException {
        HealthChange change = changes.poll(30, TimeUnit.SECONDS);
        assertThat(change).isNotNull();
        return change;
    }

    /** Asks often, and waits for long, so that nothing fails because this machine stands still for a while. */
    private static ActiveChecks.Builder fast(HealthCheck check) {
        return ActiveChecks.builder(check)
                .interval(Duration.ofMillis(40))
                .unhealthyInterval(Duration.ofMillis(20))
                .timeout(Duration.ofMinutes(10));
    }

    private static List<Thread> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("lbclient-" + prefix))
                .toList();
    }

    private static void assertThreadsEnd(String prefix) throws InterruptedException {
        for (Thread thread : threads(prefix)) {
            thread.join(TimeUnit.SECONDS.toMillis(30));
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    @Test
    void aServerThatDiesGoesAndComesBackWhenItIsStartedAgain() throws Exception {
        CannedServer first = CannedServer.answering("HTTP/1.1 200 OK\r\n\r\n");
        CannedServer other = CannedServer.answering("HTTP/1.1 200 OK\r\n\r\n");
        int port = first.port();
        Server mortal = Server.of("127.0.0.1", port);
        try (ServerPool pool = pool(
                "mortal", fast(HealthCheck.http("/health")).build(), mortal, Server.of("127.0.0.1", other.port()))) {
            assertThat(first.request()).startsWith("GET /health HTTP/1.1");
            first.close();
            HealthChange gone = nextChange();
            assertThat(gone.server()).isEqualTo(mortal);
            assertThat(gone.detail()).startsWith("3 checks in a row failed: java.net.ConnectException");
            assertThat(pool.snapshot().eligible()).isOne();
            ServerSocket again = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            try (CannedServer second = CannedServer.over(again, "HTTP/1.1 200 OK\r\n\r\n")) {
                assertThat(second.request()).isNotEmpty();
                assertThat(nextChange().raised()).isFalse();
            }
        } finally {
            other.close();
        }
        assertThreadsEnd("mortal");
    }

    @Test
    void aServerThatHangsHoldsUpNeitherTheOthersNorRequestsAndIsHungUpOn() throws Exception {
        try (CannedServer silent = CannedServer.silent();
                CannedServer good = CannedServer.answering("HTTP/1.1 200 OK\r\n\r\n")) {
            Server black = Server.of("127.0.0.1", silent.port());
            Server white = Server.of("127.0.0.1", good.port());
            ActiveChecks checks = fast(HealthCheck.http("/"))
                    .timeout(PAUSE)
                    .unhealthyThreshold(1)
                    .maxConcurrent(2)
                    .build();
            try (ServerPool pool = pool("hang", checks, black, white)) {
                for (int i = 0; i < 20; i++) {
                    assertThat(good.request()).isNotEmpty();
                }
                assertThat(silent.hangUps.poll(30, TimeUnit.SECONDS)).isTrue();
                assertThat(nextChange().server()).isEqualTo(black);
                for (int i = 0; i < 100; i++) {
                    var attempt = pool.pick();
                    assertThat(attempt.server()).isEqualTo(white);
                    attempt.complete(Outcome.SUCCESS);
                }
            }
            assertThreadsEnd("hang");
        }
    }

    @Test
    void aFunctionThatBlocksIsInterruptedAtItsTimeout() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(2);
        CountDownLatch never = new CountDownLatch(1);
        HealthCheck check = HealthCheck.of(server -> {
            try {
                return never.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted.countDown();
                return true;
            }
        });
        // The first failure counts: on a busy machine the third would say that the check before has not ended yet.
        try (ServerPool pool = pool(
                "block",
                fast(check).timeout(Duration.ofMillis(50)).unhealthyThreshold(1).build(),
                Lab.server(0))) {
            assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(nextChange().detail()).isEqualTo("1 checks in a row failed: no answer within PT0.05S");
            assertThat(pool.snapshot().servers().get(0).causes()).containsExactly(HealthCause.ACTIVE_CHECK);
        }
        assertThreadsEnd("block");
    }

    @Test
    void aFunctionThatCannotBeInterruptedKeepsOneThreadAndHoldsUpNobody() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger stuck = new AtomicInteger();
        CountDownLatch others = new CountDownLatch(50);
        HealthCheck check = HealthCheck.of(server -> {
            if (!server.equals(Lab.server(0))) {
                others.countDown();
                return true;
            }
            stuck.incrementAndGet();
            awaitUninterruptibly(release);
            return true;
        });
        try (ServerPool pool = pool(
                "stuck",
                fast(check)
                        .timeout(PAUSE)
                        .unhealthyThreshold(1)
                        .maxConcurrent(1)
                        .build(),
                Lab.server(0),
                Lab.server(1))) {
            assertThat(nextChange().server()).isEqualTo(Lab.server(0));
            assertThat(others.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(stuck).hasValue(1);
            release.countDown();
            // Once it has let go it is asked again, and comes back.
            assertThat(nextChange().raised()).isFalse();
            assertThat(pool.snapshot().eligible()).isEqualTo(2);
        }
        assertThreadsEnd("stuck");
    }

    @Test
    void aCheckWhoseThreadTakesAMomentToEndAfterItsAnswerHasNotFailed() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        HealthCheck lingering = (server, executor) -> {
            CompletableFuture<HealthCheck.Result> answer = new CompletableFuture<>();
            executor.execute(() -> {
                answer.complete(HealthCheck.Result.PASSED);
                answered.countDown();
                awaitUninterruptibly(release);
            });
            return answer;
        };
        Lab lab = new Lab();
        ActiveChecks checks = ActiveChecks.builder(lingering)
                .interval(Duration.ofSeconds(1))
                .timeout(Duration.ofSeconds(10))
                .unhealthyThreshold(1)
                .build();
        try (ServerPool pool = lab.pool(1, checks)) {
            lab.advanceSeconds(1);
            assertThat(answered.await(60, TimeUnit.SECONDS)).isTrue();
            lab.advanceSeconds(8);
            assertThat(Lab.has(pool, 0, HealthCause.ACTIVE_CHECK)).isFalse();

            lab.advanceSeconds(5);
            assertThat(Lab.has(pool, 0, HealthCause.ACTIVE_CHECK)).isTrue();
            assertThat(lab.lastDetail()).endsWith("the check before has not ended yet");
        } finally {
            release.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // As code does that does not care.
            }
        }
    }

    @Test
    void aCheckForWhichThereIsNoThreadLeavesNothingOpen() {
        AtomicInteger closed = new AtomicInteger();
        assertThatThrownBy(() -> BlockingProbe.start(
                        task -> {
                            throw new RejectedExecutionException("no thread");
                        },
                        () -> HealthCheck.Result.PASSED,
                        closed::incrementAndGet))
                .hasMessage("no thread");
        assertThat(closed).hasValue(1);
    }

    @Test
    void closingThePoolEndsChecksThatWait() throws IOException, InterruptedException {
        try (CannedServer silent = CannedServer.silent()) {
            ServerPool pool =
                    pool("closing", fast(HealthCheck.http("/")).build(), Server.of("127.0.0.1", silent.port()));
            assertThat(silent.request()).isNotEmpty();
            assertThat(threads("closing-check")).isNotEmpty();
            pool.close();
            assertThat(silent.hangUps.poll(30, TimeUnit.SECONDS)).isTrue();
            assertThreadsEnd("closing");
        }
    }
}
