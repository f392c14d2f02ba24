package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.HealthMonitor;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Server;
import io.lbclient.balancer.Balancers;
import io.lbclient.retry.ConcurrencyLimits;
import io.lbclient.retry.QueueFullException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Dns;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers that have as much in flight as they may, and the calls that wait for one of them. */
@Timeout(120)
class LimitsTest {
    private static Cluster limited(int size, int limit) {
        return Cluster.with(
                b -> b.healthMonitors(ConcurrencyLimits.fixed(limit), HealthMonitor.consecutiveFailures(1000)),
                Transport.H1,
                size);
    }

    @Test
    @DisplayName("a full server is skipped, not failed; when all are full a call waits for its turn")
    void callsWaitForTheirTurn() throws Exception {
        try (Cluster cluster = limited(2, 1)) {
            CountDownLatch busy = new CountDownLatch(1);
            cluster.backends.forEach(b -> b.answers(request -> {
                if ("/wait".equals(request.getUrl().encodedPath())) {
                    Await.released(busy);
                }
                return Backend.text(200, b.name);
            }));
            List<CompletableFuture<String>> both =
                    List.of(Enqueued.text(cluster.call("/wait")), Enqueued.text(cluster.call("/wait")));
            Await.until("both are busy", () -> cluster.backends.stream().allMatch(b -> b.hits() == 1));
            cluster.calls(c -> c.queue(1, Duration.ofMinutes(1)));
            CompletableFuture<String> third = Enqueued.text(cluster.call("/third"));
            CompletableFuture<String> fourth = Enqueued.text(cluster.call("/fourth"));
            // Only one can wait, so that the other is refused says that the one does.
            Await.until("one waits", () -> third.isCompletedExceptionally() || fourth.isCompletedExceptionally());
            busy.countDown();
            CompletableFuture<String> waited = third.isCompletedExceptionally() ? fourth : third;
            assertThat(waited.get(20, TimeUnit.SECONDS)).isIn("a", "b");
            for (CompletableFuture<String> one : both) {
                one.get(20, TimeUnit.SECONDS);
            }
            assertThat(cluster.inFlight()).isZero();
        }
    }

    @Test
    @DisplayName("the queue is bounded in length and time, and both errors are clear")
    void queueIsBounded() throws Exception {
        try (Cluster cluster = limited(1, 1)) {
            CountDownLatch busy = new CountDownLatch(1);
            cluster.backend(0).answers(request -> {
                Await.released(busy);
                return Backend.text(200, "a");
            });
            cluster.calls(c -> c.queue(1, Duration.ofMillis(300)));
            CompletableFuture<String> first = Enqueued.text(cluster.call("/"));
            Await.until("a is busy", () -> cluster.backend(0).hits() == 1);
            CompletableFuture<IOException> waiting = Enqueued.failure(cluster.call("/"));
            assertThat(waiting.get(20, TimeUnit.SECONDS)).hasMessage("orders.test: no server has had room for PT0.3S");
            cluster.calls(c -> c.queue(1, Duration.ofMinutes(1)));
            CompletableFuture<IOException> cancelled = Enqueued.failure(cluster.call("/patient"));
            // Whichever of the two comes second is refused; the other one waits.
            CompletableFuture<IOException> other = Enqueued.failure(cluster.call("/other"));
            Object refused = CompletableFuture.anyOf(cancelled, other).get(20, TimeUnit.SECONDS);
            assertThat((IOException) refused)
                    .hasCauseInstanceOf(QueueFullException.class)
                    .hasMessage("orders.test: no server has room, and 1 requests wait already");
            cluster.client.dispatcher().cancelAll();
            assertThat(CompletableFuture.allOf(cancelled, other)
                            .thenApply(x -> List.of(
                                    cancelled.join().getMessage(), other.join().getMessage()))
                            .get(20, TimeUnit.SECONDS))
                    .contains("Canceled");
            cluster.calls(c -> c.queue(0, Duration.ofMinutes(1)));
            assertThatThrownBy(() -> cluster.get("/"))
                    .hasMessage("orders.test: no server has room (1 servers, all full)")
                    .hasCauseInstanceOf(NoServerAvailableException.class);
            busy.countDown();
            assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("a");
            cluster.client.dispatcher().cancelAll();
            Await.until("nothing is in flight", () -> cluster.inFlight() == 0);
        }
    }

    @Test
    @DisplayName("bug 26: calls that are not even connected spread, since they count from the pick on")
    void connectingCounts() throws Exception {
        try (Cluster cluster = Cluster.with(b -> b.balancer(Balancers.leastRequests()), Transport.H1, 4)) {
            CountDownLatch busy = new CountDownLatch(1);
            cluster.backends.forEach(b -> b.answers(request -> {
                Await.released(busy);
                return Backend.text(200, b.name);
            }));
            // None of them gets as far as connecting.
            cluster.client(c -> c.dns(host -> {
                Await.released(busy);
                return Dns.SYSTEM.lookup(host);
            }));
            cluster.pool.update(cluster.backends.stream()
                    .map(b -> Server.of("localhost", b.port()).withId(b.name))
                    .toList());
            List<CompletableFuture<String>> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                all.add(Enqueued.text(cluster.call("/")));
                Await.until("it is in flight", () -> cluster.inFlight() == all.size());
            }
            assertThat(cluster.pool.snapshot().servers()).allMatch(s -> s.inFlight() == 25);
            busy.countDown();
            for (CompletableFuture<String> one : all) {
                one.get(20, TimeUnit.SECONDS);
            }
            Await.until("nothing is in flight", () -> cluster.inFlight() == 0);
        }
    }
}
