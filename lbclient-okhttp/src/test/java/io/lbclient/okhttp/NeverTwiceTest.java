package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A request that is not idempotent reaches servers once at most, whatever OkHttp does by itself. */
@Timeout(120)
class NeverTwiceTest {
    private static final List<String> METHODS = List.of("POST", "PATCH", "PURGE", "LOCK");

    private static Request request(Cluster cluster, String method) {
        RequestBody body = method.startsWith("P") && !method.equals("PURGE") ? RequestBody.create("body", null) : null;
        return cluster.request("/").method(method, body).build();
    }

    @ParameterizedTest(name = "39: a connection lost after a POST was sent is an error, and nobody gets it again [{0}]")
    @EnumSource
    void lostConnection(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            for (String method : METHODS) {
                cluster.backend(0).answers(200, "a");
                cluster.get("/warm");
                int before = cluster.backend(0).hits();
                cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()));
                assertThatThrownBy(() ->
                                cluster.client.newCall(request(cluster, method)).execute())
                        .as(method)
                        .isInstanceOf(IOException.class);
                assertThat(cluster.backend(0).hits()).as(method).isEqualTo(before + 1);
            }
            assertThat(cluster.backend(1).hits()).isZero();
            assertThat(cluster.inFlight()).isZero();
        }
    }

    @ParameterizedTest(name = "408, 421 and 503 with Retry-After: 0 are returned as they are, to a POST [{0}]")
    @EnumSource
    void silentFollowUps(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            for (String method : METHODS) {
                for (int code : List.of(408, 421, 503)) {
                    int before = cluster.backend(0).hits();
                    cluster.backend(0)
                            .answers(new MockResponse.Builder()
                                    .code(code)
                                    .addHeader("Retry-After", "0")
                                    .body("no"));
                    try (Response response =
                            cluster.client.newCall(request(cluster, method)).execute()) {
                        assertThat(response.code()).isEqualTo(code);
                        assertThat(response.header("Retry-After")).isEqualTo("0");
                        assertThat(response.body().string()).isEqualTo("no");
                    }
                    assertThat(cluster.backend(0).hits()).as(method + code).isEqualTo(before + 1);
                }
            }
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }

    @Test
    @DisplayName("OkHttp alone does send a POST twice in these cases, so these tests can fail")
    void okHttpAloneRepeats() throws Exception {
        try (Backend server = new Backend("a", Transport.H1)) {
            OkHttpClient client = new OkHttpClient();
            Request request = new Request.Builder()
                    .url("http://127.0.0.1:" + server.port() + "/")
                    .post(RequestBody.create("body", null))
                    .build();
            for (int code : List.of(408, 503)) {
                int before = server.hits();
                server.answers(new MockResponse.Builder().code(code).addHeader("Retry-After", "0"));
                client.newCall(request).execute().close();
                assertThat(server.hits()).isEqualTo(before + 2);
            }
            client.connectionPool().evictAll();
        }
    }

    @Test
    @DisplayName("an idempotent request is not asked again of the server that said 503 with Retry-After: 0")
    void idempotentGoesElsewhereAtOnce() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            cluster.backend(0).answers(new MockResponse.Builder().code(503).addHeader("Retry-After", "0"));
            assertThat(Cluster.text(cluster.put("/", "body"))).isEqualTo("b");
            assertThat(cluster.backend(0).hits()).isEqualTo(1);

            cluster.client = cluster.interceptor.install(cluster.plain().build());
            assertThat(cluster.get("/")).isEqualTo("b");
            assertThat(cluster.backend(0).hits()).isEqualTo(2);
            cluster.backend(1).answers(new MockResponse.Builder().code(503).addHeader("Retry-After", "0"));
            try (Response response = cluster.call("/").execute()) {
                assertThat(response.header("Retry-After")).isEqualTo("0");
            }
            assertThat(cluster.backend(1).hits()).isEqualTo(3);
        }
    }

    @Test
    @DisplayName("3000 POSTs over warm connections, a third of them read and then reset: none arrives twice")
    void manyResets() throws Exception {
        AtomicInteger served = new AtomicInteger();
        RawServer.Script script = connection -> {
            while (true) {
                String line = connection.read();
                if (line == null) {
                    return;
                }
                if (served.incrementAndGet() % 3 == 0) {
                    connection.reset();
                    return;
                }
                connection.ok("ok");
            }
        };
        try (RawServer a = new RawServer(script);
                RawServer b = new RawServer(script);
                Cluster cluster = Cluster.behind(Transport.H1, List.of(a.asServer("a"), b.asServer("b")))) {
            int failed = 0;
            for (int i = 0; i < 3000; i++) {
                try {
                    Cluster.text(cluster.post("/" + i, "body"));
                } catch (IOException e) {
                    failed++;
                }
            }
            List<String> all = new java.util.ArrayList<>(a.requests);
            all.addAll(b.requests);
            Set<String> distinct = ConcurrentHashMap.newKeySet();
            distinct.addAll(all);
            assertThat(all).hasSameSizeAs(distinct);
            assertThat(failed).isEqualTo(1000);
            assertThat(cluster.outcomes().stream().filter(o -> o == Outcome.FAILURE))
                    .hasSize(1000);
            assertThat(cluster.inFlight()).isZero();
        }
    }

    @ParameterizedTest(name = "a stream that the server refused was not processed, so a POST moves on [{0}]")
    @EnumSource(names = {"H2", "H2C"})
    void refusedStreamMovesOn(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            int refusedStream = 7;
            cluster.backend(0)
                    .answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseStream(refusedStream)));
            assertThat(Cluster.text(cluster.post("/", "body"))).isEqualTo("b");
            assertThat(cluster.backend(1).last().getBody().utf8()).isEqualTo("body");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactly("a OVERLOADED", "b SUCCESS");

            int internalError = 2;
            cluster.backend(0)
                    .answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseStream(internalError)));
            assertThatThrownBy(() -> cluster.post("/", "body").execute()).isInstanceOf(IOException.class);
            assertThat(cluster.backend(1).hits()).isEqualTo(1);
        }
    }
}
