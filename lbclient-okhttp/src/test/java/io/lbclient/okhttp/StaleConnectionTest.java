package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections that died in the client's pool, which says nothing about their server. */
@Timeout(120)
class StaleConnectionTest {
    @ParameterizedTest(name = "42: after a restart of the only server its stale connections cost nobody an error [{0}]")
    @EnumSource
    void restart(Transport transport) throws Exception {
        // Its port must be given, or the server does not let the next one have it.
        int port = Ports.reusable();
        Backend first = new Backend("first", transport, "127.0.0.1", port);
        try (Cluster cluster = Cluster.inOrder(transport, first)) {
            openConnections(cluster, first, 4);
            first.close();
            try (Backend second = new Backend("second", transport, "127.0.0.1", port)) {
                assertThat(cluster.get("/")).isEqualTo(second.name);
                assertThat(Cluster.text(cluster.post("/", "body"))).isEqualTo("second");
                cluster.awaitIdle();
                assertThat(cluster.outcomes()).containsOnly(Outcome.SUCCESS);
            }
        }
    }

    /** Makes several calls at once, so that HTTP/1.1 has as many connections. */
    private static void openConnections(Cluster cluster, Backend server, int count) {
        CountDownLatch together = new CountDownLatch(count);
        server.answers(r -> {
            together.countDown();
            Await.released(together);
            return Backend.text(200, "warm");
        });
        List<CompletableFuture<String>> calls = new java.util.ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(Enqueued.text(cluster.call("/warm")));
        }
        calls.forEach(call -> call.orTimeout(20, TimeUnit.SECONDS).join());
        cluster.awaitIdle();
    }

    @Test
    @DisplayName("42: a connection that dies just when a GET goes out is replaced, and is no failure of the server")
    void diesUnderARequest() throws Exception {
        try (RawServer server = new RawServer(connection -> {
                    connection.read();
                    connection.ok("one");
                    if (connection.number == 1) {
                        // The client has written when the reset arrives: no health check can see it coming.
                        connection.read();
                        connection.reset();
                        return;
                    }
                    while (connection.read() != null) {
                        connection.ok("more");
                    }
                });
                Cluster cluster = Cluster.behind(Transport.H1, List.of(server.asServer("a")))) {
            assertThat(cluster.get("/1")).isEqualTo("one");
            assertThat(cluster.get("/2")).isEqualTo("one");
            cluster.awaitIdle();
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
            assertThat(server.requests).containsExactly("GET /1 HTTP/1.1", "GET /2 HTTP/1.1", "GET /2 HTTP/1.1");
        }
    }

    @ParameterizedTest(
            name =
                    "42: a connection that ends just when a GET goes out is replaced, and is no failure of the server [{0}]")
    @EnumSource
    void endsUnderARequest(Transport transport) throws Exception {
        try (Backend backend = new Backend("a", transport);
                Relay relay = new Relay(backend.port());
                Cluster cluster = Cluster.behind(transport, List.of(relay.asServer("a")))) {
            assertThat(cluster.get("/1")).isEqualTo("a");
            cluster.awaitIdle();
            relay.endAtNextRequest();
            assertThat(cluster.get("/2")).isEqualTo("a");
            cluster.awaitIdle();
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
        }
    }

    @Test
    @DisplayName(
            "42: a server that cancels streams on a connection that works is asked once more, and then it has failed")
    void cancelledStreams() throws Exception {
        int cancel = 8;
        try (Backend backend = new Backend("a", Transport.H2);
                Cluster cluster = Cluster.inOrder(Transport.H2, backend)) {
            cluster.withoutRetries();
            assertThat(cluster.get("/1")).isEqualTo("a");
            backend.answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseStream(cancel)));
            int hits = backend.hits();
            assertThatThrownBy(() -> cluster.get("/2")).isInstanceOf(IOException.class);
            assertThat(backend.hits() - hits).isEqualTo(2);
            cluster.awaitIdle();
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.FAILURE);
        }
    }

    @Test
    @DisplayName("a POST on a connection that dies when it goes out is an error: the server may have read it")
    void diesUnderAPost() throws Exception {
        try (RawServer server = new RawServer(connection -> {
                    connection.read();
                    connection.ok("one");
                    connection.read();
                    connection.reset();
                });
                Cluster cluster = Cluster.behind(Transport.H1, List.of(server.asServer("a")))) {
            assertThat(cluster.get("/1")).isEqualTo("one");
            assertThatThrownBy(() -> cluster.post("/2", "body").execute()).isInstanceOf(IOException.class);
            assertThat(server.requests).containsExactly("GET /1 HTTP/1.1", "POST /2 HTTP/1.1");
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.FAILURE);
        }
    }

    @Test
    @DisplayName("a 408 with which a server ends an idle connection is not taken for the answer of the next GET")
    void farewell408() throws Exception {
        CountDownLatch said = new CountDownLatch(1);
        try (RawServer server = new RawServer(connection -> {
                    connection.read();
                    connection.ok("one");
                    if (connection.number == 1) {
                        connection.write(
                                "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                        said.countDown();
                        connection.read();
                    }
                });
                Cluster cluster = Cluster.behind(Transport.H1, List.of(server.asServer("a")))) {
            assertThat(cluster.get("/1")).isEqualTo("one");
            assertThat(said.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(cluster.get("/2")).isEqualTo("one");
            cluster.awaitIdle();
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
        }
    }

    @Test
    @DisplayName("a fresh connection that is lost is a failure, and is not tried again at the same server")
    void freshConnectionIsNotStale() throws Exception {
        try (RawServer server = new RawServer(connection -> {
                    connection.read();
                    connection.reset();
                });
                Cluster cluster = Cluster.behind(Transport.H1, List.of(server.asServer("a")))) {
            cluster.withoutRetries();
            assertThatThrownBy(() -> cluster.get("/")).isInstanceOf(IOException.class);
            assertThat(server.hits()).isEqualTo(1);
            assertThat(cluster.outcomes()).containsExactly(Outcome.FAILURE);
        }
    }

    @Test
    @DisplayName("a server that dies while it works on a GET costs the caller nothing: the next one has it")
    void killedAtWork() throws Exception {
        try (Backend b = new Backend("b", Transport.H1)) {
            RawServer[] itself = new RawServer[1];
            try (RawServer server = new RawServer(connection -> {
                        connection.read();
                        connection.ok("one");
                        connection.read();
                        itself[0].close();
                    });
                    Cluster cluster = Cluster.behind(Transport.H1, List.of(server.asServer("a")), b)) {
                itself[0] = server;
                assertThat(cluster.get("/1")).isEqualTo("one");
                assertThat(cluster.get("/2")).isEqualTo("b");
                cluster.awaitIdle();
                assertThat(cluster.trail()).containsExactly("a SUCCESS", "a CONNECT_FAILURE", "b SUCCESS");
            }
        }
    }
}
