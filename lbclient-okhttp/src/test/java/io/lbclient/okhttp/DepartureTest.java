package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of the connections to a server that leaves its pool. */
@Timeout(120)
class DepartureTest {
    private static final int LARGE = 2 << 20;

    /** The sockets of the calls' connections, by the port of the server. */
    private static final class Sockets extends EventListener {
        private final Map<Integer, Set<Socket>> byPort = new ConcurrentHashMap<>();
        private volatile IntConsumer acquired = port -> {};

        @Override
        public void connectionAcquired(Call call, Connection connection) {
            int port = connection.socket().getPort();
            byPort.computeIfAbsent(port, p -> ConcurrentHashMap.newKeySet()).add(connection.socket());
            acquired.accept(port);
        }

        long open(int port) {
            return byPort.getOrDefault(port, Set.of()).stream()
                    .filter(socket -> !socket.isClosed())
                    .count();
        }

        void awaitClosed(int port) {
            Await.until("the connections to port " + port + " are closed", () -> open(port) == 0);
        }
    }

    private final Sockets sockets = new Sockets();

    private Cluster watched(Cluster cluster) {
        return cluster.client(c -> c.eventListener(sockets));
    }

    private Cluster turns(Transport transport, int size) {
        return watched(Cluster.of(transport, Balancers.roundRobin(), size));
    }

    private static MockResponse.Builder large() {
        return new MockResponse.Builder().body(new Buffer().write(new byte[LARGE]));
    }

    /** Several calls at once, so that HTTP/1.1 has as many connections. */
    private static void callAtOnce(Cluster cluster, int count) {
        List<CompletableFuture<String>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(Enqueued.text(cluster.call("/")));
        }
        calls.forEach(call -> call.orTimeout(20, TimeUnit.SECONDS).join());
        cluster.awaitIdle();
    }

    @ParameterizedTest
    @EnumSource
    void theIdleConnectionsOfARemovedServerAreClosedAndThoseOfTheOthersStay(Transport transport) {
        try (Cluster cluster = turns(transport, 3)) {
            callAtOnce(cluster, 30);
            long others = sockets.open(cluster.backend(0).port());
            assertThat(sockets.open(cluster.backend(1).port())).isPositive();
            cluster.pool.remove("b");
            sockets.awaitClosed(cluster.backend(1).port());
            assertThat(sockets.open(cluster.backend(0).port()))
                    .isEqualTo(others)
                    .isPositive();
            callAtOnce(cluster, 10);
            assertThat(cluster.outcomes()).containsOnly(Outcome.SUCCESS);
            assertThat(sockets.open(cluster.backend(1).port())).isZero();
        }
    }

    @Test
    void aConnectionThatOnlyAHealthCheckHadOpenedIsClosedAsWellOnceACallHasUsedIt() throws Exception {
        try (Cluster cluster = turns(Transport.H1, 1)) {
            // Without a body: OkHttp closes a connection on which it cannot read the rest of one within 100 ms.
            cluster.backend(0).answers(200, "");
            OkHttpCheck check =
                    OkHttpCheck.of(cluster.client, cluster.request("/health").build());
            check.check(cluster.backend(0).asServer(), Runnable::run).get(20, TimeUnit.SECONDS);
            cluster.get("/");
            assertThat(cluster.backend(0).connections()).isEqualTo(1);
            cluster.pool.remove("a");
            sockets.awaitClosed(cluster.backend(0).port());
        }
    }

    @Test
    void aServerThatMovesToAnotherAddressLeavesNoConnectionBehind() throws Exception {
        try (Backend elsewhere = new Backend("elsewhere", Transport.H1);
                Cluster cluster = turns(Transport.H1, 1)) {
            cluster.get("/");
            cluster.pool.add(elsewhere.asServer().withId("a"));
            sockets.awaitClosed(cluster.backend(0).port());
            assertThat(cluster.get("/")).isEqualTo("elsewhere");
        }
    }

    @Test
    void anotherWeightAndAnotherIdAtTheSameAddressKeepTheConnections() throws Exception {
        try (Cluster cluster = turns(Transport.H1, 1)) {
            Server server = cluster.backend(0).asServer();
            cluster.get("/");
            cluster.pool.update(List.of(server.withWeight(3)));
            cluster.get("/");
            cluster.pool.update(List.of(server.withId("renamed")));
            cluster.get("/");
            cluster.pool.update(List.of(server.withId("renamed-again")));
            cluster.get("/");
            cluster.pool.update(List.of(server.withId("renamed")));
            cluster.pool.remove("renamed");
            sockets.awaitClosed(server.port());
            cluster.pool.add(server);
            cluster.get("/");
            assertThat(cluster.backend(0).connections())
                    .as("one, and one since it came back")
                    .isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamOfARemovedServerFinishesAndThenItsConnectionIsClosed(Transport transport) throws Exception {
        try (Cluster cluster = watched(Cluster.inOrder(transport, 2))) {
            cluster.backend(0).answers(large());
            try (Response stream = cluster.call("/").execute()) {
                stream.body().source().readByte();
                cluster.pool.remove("a");
                assertThat(cluster.get("/")).isEqualTo("b");
                assertThat(stream.body().source().readByteArray()).hasSize(LARGE - 1);
            }
            sockets.awaitClosed(cluster.backend(0).port());
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactlyInAnyOrder("b SUCCESS", "a SUCCESS");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamThatGoesOnBeyondTheDrainTimeIsClosed(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            watched(cluster.calls(c -> c.drainTime(Duration.ofMillis(20))));
            cluster.backend(0).answers(large().onResponseBody(SocketEffect.Stall.INSTANCE));
            try (Response stream = cluster.call("/").execute()) {
                cluster.pool.remove("a");
                assertThatThrownBy(() -> stream.body().bytes()).isInstanceOf(IOException.class);
            }
            sockets.awaitClosed(cluster.backend(0).port());
            assertThat(cluster.get("/")).isEqualTo("b");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRequestThatHasNoAnswerWhenTheDrainTimeIsOverMovesOn(Transport transport) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            watched(cluster.calls(c -> c.drainTime(Duration.ofMillis(20))));
            cluster.get("/");
            cluster.backend(0).answers(r -> {
                arrived.countDown();
                Await.released(never);
                return Backend.text(200, "too late");
            });
            CompletableFuture<String> answer = Enqueued.text(cluster.call("/"));
            assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
            cluster.pool.remove("a");
            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("b");
            assertThat(cluster.backend(0).hits()).as("not asked once more").isEqualTo(2);
            never.countDown();
        }
    }

    @Test
    void aWebSocketOfARemovedServerEndsWithTheDrainTime() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            watched(cluster.calls(c -> c.drainTime(Duration.ofMillis(20))));
            cluster.backend(0).answers(new MockResponse.Builder().webSocketUpgrade(new WebSocketListener() {}));
            CompletableFuture<Boolean> opened = new CompletableFuture<>();
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            cluster.client.newWebSocket(cluster.request("/socket").build(), new WebSocketListener() {
                @Override
                public void onOpen(WebSocket socket, Response response) {
                    opened.complete(true);
                }

                @Override
                public void onFailure(WebSocket socket, Throwable failure, Response response) {
                    ended.complete(failure);
                }
            });
            opened.get(20, TimeUnit.SECONDS);
            cluster.pool.remove("a");
            assertThat(ended.get(20, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
            cluster.awaitIdle();
        }
    }

    @Test
    void aServerThatComesBackWithinTheDrainTimeKeepsItsStreamsAndNextTimeHasAllOfItAgain() throws Exception {
        BlockingQueue<Runnable> due = new LinkedBlockingQueue<>();
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            watched(cluster.calls(c -> c.drainTime(Duration.ofMillis(1)).threads(due::add)));
            Server server = cluster.backend(0).asServer();
            cluster.backend(0).answers(large());
            try (Response stream = cluster.call("/").execute()) {
                stream.body().source().readByte();
                cluster.pool.remove("a");
                Runnable first = due.poll(20, TimeUnit.SECONDS);
                cluster.pool.add(server);
                first.run();
                assertThat(sockets.open(server.port())).isEqualTo(1);
                cluster.pool.remove("a");
                Runnable second = due.poll(20, TimeUnit.SECONDS);
                first.run();
                assertThat(sockets.open(server.port())).isEqualTo(1);
                second.run();
                assertThat(sockets.open(server.port())).isZero();
                assertThatThrownBy(() -> stream.body().bytes()).isInstanceOf(IOException.class);
            }
        }
    }

    /** The request has chosen the connection, and not yet written to it, when the server leaves. */
    @ParameterizedTest
    @EnumSource
    void bug32ARequestThatMeetsTheClosingOfItsConnectionIsSentOnceAndNotLost(Transport transport) throws Exception {
        try (Cluster cluster = watched(Cluster.inOrder(transport, 2))) {
            cluster.get("/");
            AtomicBoolean once = new AtomicBoolean();
            sockets.acquired = port -> {
                if (once.compareAndSet(false, true)) {
                    cluster.pool.remove("a");
                    sockets.awaitClosed(port);
                }
            };
            assertThat(Cluster.text(cluster.post("/", "once"))).isEqualTo("a");
            assertThat(cluster.backend(0).hits()).isEqualTo(2);
            assertThat(cluster.backend(1).hits()).isZero();
            cluster.awaitIdle();
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
            sockets.awaitClosed(cluster.backend(0).port());
        }
    }

    @ParameterizedTest
    @EnumSource
    void bug32ServersThatAreRemovedAndAddedUnderLoadCostNoRequestAndCountEachOne(Transport transport) throws Exception {
        try (Cluster cluster = turns(transport, 3)) {
            AtomicBoolean stop = new AtomicBoolean();
            Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
            List<CompletableFuture<Void>> callers = new ArrayList<>();
            for (int caller = 0; caller < 4; caller++) {
                boolean writes = caller % 2 == 0;
                callers.add(CompletableFuture.runAsync(() -> {
                    while (!stop.get()) {
                        try {
                            Cluster.text(writes ? cluster.post("/", "once") : cluster.call("/"));
                        } catch (IOException e) {
                            failures.add(e);
                        }
                    }
                }));
            }
            for (int i = 1; i <= 300; i++) {
                cluster.pool.remove("b");
                cluster.pool.add(cluster.backend(1).asServer());
                int wanted = i;
                Await.until("calls go on", () -> cluster.endings.size() > wanted);
            }
            stop.set(true);
            callers.forEach(caller -> caller.orTimeout(20, TimeUnit.SECONDS).join());
            assertThat(failures).isEmpty();
            cluster.awaitIdle();
            int hits = cluster.backends.stream().mapToInt(Backend::hits).sum();
            assertThat(cluster.endings).as("each request came once").hasSize(hits);
        }
    }

    /** Bug 28: what is kept for a server must go with it. */
    @Test
    void bug28NothingIsRememberedOfServersThatHaveLeft() throws Exception {
        OkHttpClient client = Transport.H1.client().build();
        try (Backend backend = new Backend("a", Transport.H1);
                ServerPool pool = ServerPool.builder(Transport.SERVICE).build()) {
            Connections connections = new Connections(pool, null, Runnable::run);
            OkHttpClient balanced = client.newBuilder()
                    .addInterceptor(chain -> {
                        CallState state = CallState.of(
                                chain.call(), connections, chain.request().url());
                        try (var attempt = pool.pick()) {
                            return new Exchange(chain, state).send(attempt.server());
                        }
                    })
                    .build();
            var request = new okhttp3.Request.Builder()
                    .url("http://" + Transport.SERVICE + "/")
                    .build();
            for (int i = 0; i < 200; i++) {
                pool.add(backend.asServer().withId("server-" + i));
                Cluster.text(balanced.newCall(request));
                assertThat(connections.servers()).isEqualTo(1);
                if (i % 2 == 0) {
                    pool.remove("server-" + i);
                } else {
                    Response busy = balanced.newCall(request).execute();
                    pool.remove("server-" + i);
                    busy.close();
                }
                Await.until("all is forgotten", () -> connections.servers() == 0);
            }
        } finally {
            client.dispatcher().executorService().shutdown();
        }
    }

    @Test
    void aPoolKeepsNoInterceptorAlive() {
        try (ServerPool pool = ServerPool.builder(Transport.SERVICE).build()) {
            WeakReference<LoadBalancingInterceptor> dropped = new WeakReference<>(LoadBalancingInterceptor.of(pool));
            Await.until("it is collected", () -> {
                System.gc();
                return dropped.get() == null;
            });
        }
    }
}
