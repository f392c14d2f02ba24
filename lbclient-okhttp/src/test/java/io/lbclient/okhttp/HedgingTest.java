package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Outcome;
import io.lbclient.RetryBudget;
import io.lbclient.retry.Hedge;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hedging. The numbers are those of the adapter's checklist. */
@Timeout(120)
class HedgingTest {
    private static final MockResponse.Builder SILENT =
            new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE);

    private static Cluster hedged(Transport transport, int size) {
        return Cluster.inOrder(transport, size)
                .calls(c -> c.hedge(Hedge.after(Duration.ofMillis(400)).withShare(1)));
    }

    /** Has the client connect to the first server, however long that takes: nothing is hedged while the other is out. */
    private static void connect(Cluster cluster) throws IOException {
        cluster.pool.operator("test").disable("b");
        assertThat(cluster.get("/connect")).isEqualTo("a");
        cluster.pool.operator("test").enable("b");
        cluster.awaitIdle();
    }

    @ParameterizedTest(
            name =
                    "61, 62: a hedge beats a silent server, whose attempt is cancelled; HTTP/2 keeps its connection [{0}]")
    @EnumSource
    void hedgeWins(Transport transport) throws Exception {
        try (Cluster cluster = hedged(transport, 2)) {
            connect(cluster);
            cluster.backend(0).answers(SILENT);
            assertThat(cluster.get("/")).isEqualTo("b");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactlyInAnyOrder("a SUCCESS", "a CANCELLED", "b SUCCESS");
            cluster.backend(0).answers(200, "a");
            connect(cluster);
            assertThat(cluster.backend(0).connections()).isEqualTo(transport.http2() ? 1 : 2);
        }
    }

    @Test
    @DisplayName("a first answer in time is not hedged, and the caller sees the request as it asked")
    void noHedgeInTime() throws Exception {
        try (Cluster cluster = hedged(Transport.H1, 2)) {
            cluster.calls(c -> c.hedge(Hedge.after(Duration.ofMinutes(1))));
            Request request =
                    cluster.request("/").put(RequestBody.create("body", null)).build();
            try (Response response = cluster.client.newCall(request).execute()) {
                assertThat(response.request()).isSameAs(request);
                assertThat(response.body().string()).isEqualTo("a");
            }
            cluster.awaitIdle();
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }

    @Test
    @DisplayName("a failed hedge does not end the call: the first attempt may still answer, and the other way round")
    void failureWaitsForTheOther() throws Exception {
        try (Cluster cluster = hedged(Transport.H1, 2)) {
            cluster.backend(0).answers(request -> {
                Await.until("the hedge has failed", () -> !cluster.endings.isEmpty());
                return Backend.text(200, "late a");
            });
            cluster.backend(1).answers(503, "busy");
            assertThat(cluster.get("/")).isEqualTo("late a");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactlyInAnyOrder("b OVERLOADED", "a SUCCESS");
            cluster.awaitIdleConnections();
        }
    }

    @Test
    @DisplayName("a hedged call that fails everywhere moves on to the servers that are left, and names all")
    void hedgedFailuresAreRetried() throws Exception {
        try (Cluster cluster = hedged(Transport.H1, 3)) {
            cluster.backend(0).answers(request -> {
                Await.until("the hedge has failed", () -> !cluster.endings.isEmpty());
                return Backend.text(503, "busy a");
            });
            cluster.backend(1).answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()));
            assertThat(cluster.get("/")).isEqualTo("c");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactly("b FAILURE", "a OVERLOADED", "c SUCCESS");
            // As many as a policy allows without one: a hedge is no repeat.
            cluster.calls(c -> c.hedge(Hedge.after(Duration.ofMinutes(1)).withShare(1)));
            cluster.backend(2).answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()));
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()));
            assertThatThrownBy(() -> cluster.get("/"))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("orders.test: 3 attempts failed, at a, b, c: ")
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
            cluster.awaitIdle();
        }
    }

    @ParameterizedTest(name = "63: near ties leak neither a response nor a place in flight [{0}]")
    @EnumSource(names = {"H1", "H2C"})
    void nearTies(Transport transport) throws Exception {
        try (LeakLog log = new LeakLog();
                Cluster cluster = Cluster.inOrder(transport, 2)
                        .calls(c -> c.hedge(Hedge.after(Duration.ofNanos(1)).withShare(1)))) {
            for (int i = 0; i < 150; i++) {
                assertThat(cluster.get("/")).isIn("a", "b");
            }
            cluster.awaitIdle();
            if (transport.http2()) {
                // A cancel that meets the moment before the answer leaves a call in OkHttp that never ends; but its
                // connection goes on to work.
                assertThat(cluster.get("/again")).isIn("a", "b");
                return;
            }
            cluster.awaitIdleConnections();
            assertThat(log.leaks).isEmpty();
        }
    }

    @ParameterizedTest(
            name = "62, 63: over HTTP/2 fifty losers leave no response, no stream and no connection behind [{0}]")
    @EnumSource(names = {"H2", "H2C"})
    void losersLeaveNothing(Transport transport) throws Exception {
        try (LeakLog log = new LeakLog();
                Cluster cluster = Cluster.inOrder(transport, 2)) {
            cluster.calls(c -> c.hedge(Hedge.after(Duration.ofMillis(20)).withShare(1)));
            connect(cluster);
            cluster.backend(0).answers(SILENT);
            assertThat(cluster.get("/warm")).isEqualTo("b");
            cluster.awaitIdle();
            ConnectionPool connections = cluster.client.connectionPool();
            int before = connections.connectionCount();
            for (int i = 0; i < 50; i++) {
                assertThat(cluster.get("/")).isEqualTo("b");
            }
            cluster.awaitIdle();
            assertThat(cluster.trail().stream().filter("a CANCELLED"::equals)).hasSizeGreaterThanOrEqualTo(50);
            cluster.awaitIdleConnections();
            assertThat(connections.connectionCount()).isEqualTo(before);
            System.gc();
            cluster.backend(0).answers(200, "a");
            assertThat(cluster.get("/again")).isIn("a", "b");
            assertThat(log.leaks).isEmpty();
        }
    }

    @ParameterizedTest(name = "64: a cancel before the answer ends both attempts [{0}]")
    @EnumSource(names = {"H1", "H2"})
    void cancelBefore(Transport transport) throws Exception {
        try (Cluster cluster = hedged(transport, 2)) {
            cluster.backends.forEach(b -> b.answers(SILENT));
            Call call = cluster.call("/");
            CompletableFuture<IOException> failed = Enqueued.failure(call);
            Await.until("both have it", () -> cluster.backends.stream().allMatch(b -> b.hits() == 1));
            call.cancel();
            assertThat(failed.get(20, TimeUnit.SECONDS)).hasMessage("Canceled");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactlyInAnyOrder("a CANCELLED", "b CANCELLED");
        }
    }

    @ParameterizedTest(name = "64: a cancel while the winner's body is read reaches it [{0}]")
    @EnumSource(names = {"H1", "H2"})
    void cancelDuring(Transport transport) throws Exception {
        try (Cluster cluster = hedged(transport, 2)) {
            cluster.backend(0).answers(SILENT);
            cluster.backend(1)
                    .answers(new MockResponse.Builder().body("x".repeat(10_000)).throttleBody(100, 1, TimeUnit.HOURS));
            Call call = cluster.call("/");
            try (Response response = call.execute()) {
                assertThat(response.body().source().readByte()).isEqualTo((byte) 'x');
                assertThat(cluster.inFlight(1)).isEqualTo(1);
                call.cancel();
                assertThatThrownBy(() -> response.body().string()).isInstanceOf(IOException.class);
            }
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactlyInAnyOrder("a CANCELLED", "b CANCELLED");
        }
    }

    @Test
    @DisplayName("65: the call timeout covers both attempts, and the body of the winner")
    void callTimeoutCoversTheBody() throws Exception {
        Duration delay = Duration.ofMillis(400);
        AtomicReference<Call> winner = new AtomicReference<>();
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            cluster.client = LoadBalancingInterceptor.builder()
                    .pool(cluster.pool)
                    .hedge(Hedge.after(delay).withShare(1))
                    .build()
                    .install(cluster.plain()
                            .callTimeout(1, TimeUnit.HOURS)
                            .eventListener(new EventListener() {
                                @Override
                                public void responseHeadersEnd(Call call, Response response) {
                                    winner.set(call);
                                }
                            })
                            .build());
            cluster.backend(0).answers(SILENT);
            cluster.backend(1)
                    .answers(new MockResponse.Builder().body("x".repeat(10_000)).throttleBody(100, 1, TimeUnit.HOURS));
            try (Response response = cluster.call("/").execute()) {
                assertThat(winner.get().timeout().timeoutNanos())
                        .as("what is left of the hour")
                        .isBetween(1L, TimeUnit.HOURS.toNanos(1) - delay.toNanos());
                Cluster.timeOut(winner.get());
                assertThatThrownBy(() -> response.body().string())
                        .isInstanceOf(InterruptedIOException.class)
                        .hasMessage("timeout");
            }
            cluster.backend(1).answers(SILENT);
            cluster.client(c -> c.callTimeout(800, TimeUnit.MILLISECONDS));
            assertThatThrownBy(() -> cluster.get("/"))
                    .isInstanceOf(InterruptedIOException.class)
                    .hasMessage("timeout");
            cluster.awaitIdle();
        }
    }

    @Test
    @DisplayName("66: asynchronous calls that fill the dispatcher do not keep their hedges from running")
    void noDispatcherDeadlock() throws Exception {
        try (Cluster cluster = hedged(Transport.H1, 2)) {
            Dispatcher small = new Dispatcher();
            small.setMaxRequests(2);
            small.setMaxRequestsPerHost(2);
            cluster.client(c -> c.dispatcher(small));
            cluster.calls(c -> c.hedge(Hedge.after(Duration.ofMillis(50)).withShare(1)));
            cluster.client(c -> c.dispatcher(small));
            cluster.backend(0).answers(SILENT);
            List<CompletableFuture<String>> all = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                all.add(Enqueued.text(cluster.call("/" + i)));
            }
            for (CompletableFuture<String> one : all) {
                assertThat(one.get(20, TimeUnit.SECONDS)).isEqualTo("b");
            }
            cluster.awaitIdle();
            small.executorService().shutdown();
        }
    }

    private static Cluster hedgedAtOnce() {
        return Cluster.inOrder(Transport.H1, 2)
                .calls(c -> c.hedge(Hedge.after(Duration.ofNanos(1)).withShare(1)));
    }

    @Test
    @DisplayName("67: a POST, a one-shot body and what is tagged so are never hedged")
    void neverHedged() throws Exception {
        try (Cluster cluster = hedgedAtOnce()) {
            CountDownLatch late = new CountDownLatch(1);
            cluster.backend(0).answers(request -> {
                Await.released(late);
                return Backend.text(200, "a");
            });
            List<CompletableFuture<String>> all = new ArrayList<>();
            for (Request request : List.of(
                    cluster.request("/").post(RequestBody.create("body", null)).build(),
                    cluster.request("/").put(new RetriesTest.OnceBody(false)).build(),
                    cluster.request("/").tag(Repeatable.class, Repeatable.NO).build())) {
                all.add(Enqueued.text(cluster.client.newCall(request)));
            }
            Await.until("a has all", () -> cluster.backend(0).hits() == 3);
            late.countDown();
            for (CompletableFuture<String> one : all) {
                assertThat(one.get(20, TimeUnit.SECONDS)).isEqualTo("a");
            }
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }

    @Test
    @DisplayName("67: a WebSocket is never hedged")
    void webSocketsAreNeverHedged() throws Exception {
        try (Cluster cluster = hedgedAtOnce()) {
            cluster.backend(0).answers(new MockResponse.Builder().webSocketUpgrade(new WebSocketListener() {
                        @Override
                        public void onOpen(WebSocket socket, Response response) {
                            socket.send("hello");
                        }

                        @Override
                        public void onClosing(WebSocket socket, int code, String reason) {
                            socket.close(code, reason);
                        }
                    }));
            CompletableFuture<String> message = new CompletableFuture<>();
            WebSocket socket = cluster.client.newWebSocket(cluster.request("/").build(), new WebSocketListener() {
                @Override
                public void onMessage(WebSocket open, String text) {
                    message.complete(text);
                }

                @Override
                public void onFailure(WebSocket open, Throwable failure, Response response) {
                    message.completeExceptionally(failure);
                }
            });
            assertThat(message.get(20, TimeUnit.SECONDS)).isEqualTo("hello");
            socket.close(1000, "done");
            cluster.awaitIdle();
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }

    @Test
    @DisplayName("hedges stay within their share and within the pool's budget")
    void hedgesArePaidFor() throws Exception {
        try (Cluster cluster = Cluster.with(b -> b.retryBudget(RetryBudget.of(0.5, 0)), Transport.H1, 2)
                .calls(c -> c.hedge(Hedge.after(Duration.ofNanos(1)).withShare(0.1)))) {
            for (int i = 0; i < 100; i++) {
                cluster.get("/");
            }
            cluster.awaitIdle();
            assertThat(cluster.endings.size()).isBetween(100, 110);
        }
        try (Cluster cluster = Cluster.with(b -> b.retryBudget(RetryBudget.of(0, 0)), Transport.H1, 2)
                .calls(c -> c.hedge(Hedge.after(Duration.ofNanos(1)).withShare(1)))) {
            for (int i = 0; i < 50; i++) {
                assertThat(cluster.get("/")).isEqualTo("a");
            }
        }
    }

    @Test
    @DisplayName("without install, hedging says what it needs")
    void needsInstall() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            LoadBalancingInterceptor plain = LoadBalancingInterceptor.builder()
                    .pool(cluster.pool)
                    .hedge(Hedge.afterP95())
                    .build();
            cluster.client = cluster.plain().addInterceptor(plain).build();
            assertThatThrownBy(() -> cluster.get("/"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected: a client made by LoadBalancingInterceptor.install");
            assertThat(Cluster.text(cluster.post("/", "a POST needs no nested calls")))
                    .isEqualTo("a");
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS);
        }
    }
}
