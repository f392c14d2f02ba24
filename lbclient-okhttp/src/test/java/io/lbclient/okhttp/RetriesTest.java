package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.failsafe.RetryPolicy;
import io.lbclient.Outcome;
import io.lbclient.Server;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Cache;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What moves on to another server. The numbers are those of the adapter's checklist. */
@Timeout(120)
class RetriesTest {
    @ParameterizedTest(name = "32, 35: 503 at a moves on to b, once each, and a's connection stays usable [{0}]")
    @EnumSource
    void movesOnAfter503(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            for (int code : List.of(502, 503, 504, 429)) {
                // Without a body: OkHttp closes a connection on which it cannot read the rest of one within 100 ms.
                cluster.backend(0).answers(code, "");
                assertThat(cluster.get("/")).isEqualTo("b");
                cluster.awaitIdle();
            }
            assertThat(cluster.backends).allMatch(b -> b.hits() == 4).allMatch(b -> b.connections() == 1);
            assertThat(cluster.client.connectionPool().idleConnectionCount()).isEqualTo(2);
            assertThat(cluster.trail())
                    .containsExactly(
                            "a FAILURE",
                            "b SUCCESS",
                            "a OVERLOADED",
                            "b SUCCESS",
                            "a FAILURE",
                            "b SUCCESS",
                            "a OVERLOADED",
                            "b SUCCESS");
        }
    }

    @Test
    @DisplayName("500 and 501 are answers: the server has decided, and another would too")
    void otherFailuresAreReturned() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            for (int code : List.of(500, 501, 505)) {
                cluster.backend(0).answers(code, "a");
                assertThat(cluster.get("/")).isEqualTo("a");
            }
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }

    @ParameterizedTest(name = "33: a read timeout at a moves on to b, and over HTTP/2 a's connection survives [{0}]")
    @EnumSource
    void movesOnAfterReadTimeout(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            cluster.get("/warm");
            OkHttpClient patient = cluster.client;
            cluster.impatientWith(cluster.backend(0), Duration.ofMillis(250));
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
            assertThat(cluster.get("/")).isEqualTo("b");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactly("a SUCCESS", "a TIMEOUT", "b SUCCESS");
            cluster.backend(0).answers(200, "a");
            cluster.client = patient;
            assertThat(cluster.get("/")).isEqualTo("a");
            assertThat(cluster.backend(0).connections()).isEqualTo(transport.http2() ? 1 : 2);
        }
    }

    @ParameterizedTest(name = "34, 54: a retry of the user's above goes elsewhere, one open attempt at a time [{0}]")
    @EnumSource
    void userRetryAbove(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            List<Integer> inFlight = new ArrayList<>();
            Interceptor retry = chain -> {
                Response response = chain.proceed(chain.request());
                while (response.code() == 500) {
                    inFlight.add(cluster.inFlight());
                    response.close();
                    response = chain.proceed(chain.request());
                }
                inFlight.add(cluster.inFlight());
                return response;
            };
            cluster.client(c -> {
                c.interceptors().add(0, retry);
                return c;
            });
            cluster.backend(0).answers(500, "broken");
            assertThat(cluster.get("/")).isEqualTo("b");
            assertThat(Cluster.text(cluster.post("/", "as the user wished"))).isEqualTo("b");
            cluster.awaitIdle();
            assertThat(inFlight).containsOnly(1);
            assertThat(cluster.trail()).containsExactly("a FAILURE", "b SUCCESS", "a FAILURE", "b SUCCESS");
        }
    }

    @Test
    @DisplayName("36: the hop between servers leaves nothing in the cache or the cookie jar")
    void hopLeavesNoTrace(@TempDir Path directory) throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2);
                Cache cache = new Cache(directory.toFile(), 1 << 20)) {
            List<String> hosts = new ArrayList<>();
            CookieJar jar = new CookieJar() {
                @Override
                public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
                    hosts.add(url.host());
                }

                @Override
                public List<Cookie> loadForRequest(HttpUrl url) {
                    hosts.add(url.host());
                    return List.of();
                }
            };
            cluster.client(c -> c.cache(cache).cookieJar(jar));
            cluster.backend(0).answers(503, "busy");
            cluster.get("/");
            assertThat(hosts).isNotEmpty().containsOnly(Transport.SERVICE);
            assertThat(cache.requestCount()).isEqualTo(2);
        }
    }

    @ParameterizedTest(name = "38: a refused connection moves on, for {0} too")
    @ValueSource(strings = {"GET", "POST", "one-shot POST", "duplex POST", "PATCH"})
    void connectRefusedMovesOn(String kind) throws Exception {
        Transport transport = kind.startsWith("duplex") ? Transport.H2C : Transport.H1;
        try (Backend up = new Backend("up", transport);
                Cluster cluster = Cluster.behind(
                        transport, List.of(Ports.closed("x"), Ports.closed("y"), Ports.closed("z")), up)) {
            RequestBody body = switch (kind) {
                case "GET" -> null;
                case "one-shot POST" -> new OnceBody(false);
                case "duplex POST" -> new OnceBody(true);
                default -> RequestBody.create("body", null);
            };
            String method = kind.substring(kind.lastIndexOf(' ') + 1);
            Request request = cluster.request("/").method(method, body).build();
            assertThat(Cluster.text(cluster.client.newCall(request))).isEqualTo("up");
            cluster.awaitIdle();
            assertThat(cluster.trail())
                    .containsExactly("x CONNECT_FAILURE", "y CONNECT_FAILURE", "z CONNECT_FAILURE", "up SUCCESS");
            assertThat(up.last().getBodySize()).isEqualTo(body == null ? 0 : 4);
        }
    }

    @Test
    @DisplayName("38: a connect timeout moves on, for a POST too")
    void connectTimeoutMovesOn() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"));
                java.net.Socket first = new java.net.Socket("127.0.0.1", full.getLocalPort());
                java.net.Socket second = new java.net.Socket("127.0.0.1", full.getLocalPort());
                Backend up = new Backend("up", Transport.H1);
                Cluster cluster = Cluster.behind(
                        Transport.H1,
                        List.of(Server.of("127.0.0.1", full.getLocalPort()).withId("full")),
                        up)) {
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            cluster.client(c -> c.connectTimeout(250, TimeUnit.MILLISECONDS));
            assertThat(Cluster.text(cluster.post("/", "body"))).isEqualTo("up");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactly("full CONNECT_FAILURE", "up SUCCESS");
        }
    }

    @Test
    @DisplayName("38, 57: a server whose name does not resolve is a connect failure")
    void unresolvedNameMovesOn() throws Exception {
        try (Backend up = new Backend("up", Transport.H1);
                Cluster cluster = Cluster.behind(
                        Transport.H1, List.of(Server.of("gone.invalid", 80).withId("gone")), up)) {
            cluster.client(c -> c.dns(name -> {
                throw new java.net.UnknownHostException(name);
            }));
            assertThat(Cluster.text(cluster.post("/", "body"))).isEqualTo("up");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactly("gone CONNECT_FAILURE", "up SUCCESS");
        }
    }

    @ParameterizedTest(name = "a connection lost after a GET, HEAD, PUT or DELETE was sent moves on [{0}]")
    @EnumSource
    void lostConnectionMovesOn(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()));
            // Without a body, since this server would also send one to a HEAD.
            cluster.backend(1).answers(200, "");
            for (String method : List.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE")) {
                RequestBody body = method.equals("PUT") ? RequestBody.create("body", null) : null;
                Request request = cluster.request("/").method(method, body).build();
                try (Response response = cluster.client.newCall(request).execute()) {
                    assertThat(response.code()).isEqualTo(200);
                    assertThat(cluster.backend(1).last().getMethod()).isEqualTo(method);
                }
            }
            cluster.awaitIdle();
            assertThat(cluster.backends).allMatch(b -> b.hits() == 6);
            assertThat(cluster.outcomes().stream().filter(o -> o == Outcome.FAILURE))
                    .hasSize(6);
        }
    }

    @ParameterizedTest(name = "40: a body that is {0} is never sent again once it may have been read")
    @ValueSource(strings = {"one-shot", "duplex"})
    void oneShotIsNotReplayed(String kind) throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H2C, 2)) {
            OnceBody body = new OnceBody(kind.equals("duplex"));
            cluster.backend(0).answers(503, "busy");
            Request request = cluster.request("/").put(body).build();
            assertThat(Cluster.text(cluster.client.newCall(request))).isEqualTo("busy");
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()));
            Request again = cluster.request("/").put(new OnceBody(false)).build();
            assertThatThrownBy(() -> cluster.client.newCall(again).execute()).isInstanceOf(IOException.class);
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }

    @Test
    @DisplayName("at most two repeats of what was sent, or as many as were set, and connect failures are not counted")
    void repeatsAreBounded() throws Exception {
        Backend[] five = Cluster.backends(Transport.H1, 5);
        try (Cluster cluster =
                Cluster.behind(Transport.H1, List.of(Ports.closed("x"), Ports.closed("y"), Ports.closed("z")), five)) {
            cluster.backends.forEach(b -> b.answers(503, b.name));
            assertThat(cluster.get("/")).as("the last response").isEqualTo("c");
            assertThat(cluster.backends.stream().map(Backend::hits)).containsExactly(1, 1, 1, 0, 0);

            cluster.calls(c ->
                    c.retry(RetryPolicy.<Response>builder().withMaxRetries(0).build()));
            assertThat(cluster.get("/")).isEqualTo("a");
        }
    }

    @ParameterizedTest(name = "{0} makes a POST repeatable")
    @ValueSource(strings = {"an Idempotency-Key", "a tag"})
    void applicationDecides(String how) throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            cluster.backend(0).answers(503, "busy");
            Request.Builder builder = cluster.request("/").post(RequestBody.create("body", null));
            Request request = how.equals("a tag")
                    ? builder.tag(Repeatable.class, Repeatable.YES).build()
                    : builder.header("Idempotency-Key", "1").build();
            assertThat(Cluster.text(cluster.client.newCall(request))).isEqualTo("b");
            assertThat(cluster.backend(1).last().getBody().utf8()).isEqualTo("body");
        }
    }

    @Test
    @DisplayName("a tag keeps a GET from being repeated, and nothing makes a POST repeatable but a key or a tag")
    void onlyAKeyOrATag() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            cluster.calls(c -> c.retry(RetryPolicy.<Response>builder()
                            .handleResultIf(r -> true)
                            .withMaxRetries(5)
                            .build())
                    .classifier(response -> Outcome.FAILURE));
            cluster.backend(0).answers(503, "busy");
            Request once =
                    cluster.request("/").tag(Repeatable.class, Repeatable.NO).build();
            assertThat(Cluster.text(cluster.client.newCall(once))).isEqualTo("busy");
            assertThat(Cluster.text(cluster.post("/", "body"))).isEqualTo("busy");
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }

    @Test
    @DisplayName("43: when all are down the last failure is thrown, with the earlier ones suppressed")
    void allDown() throws Exception {
        try (Cluster cluster =
                Cluster.behind(Transport.H1, List.of(Ports.closed("x"), Ports.closed("y"), Ports.closed("z")))) {
            assertThatThrownBy(() -> cluster.get("/"))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageStartingWith("orders.test: 5 attempts failed, at x, y, z, x, x: Failed to connect to")
                    .hasCauseInstanceOf(ConnectException.class)
                    .satisfies(e ->
                            assertThat(e.getSuppressed()).hasSize(4).hasOnlyElementsOfType(ConnectException.class));
            assertThat(cluster.outcomes()).hasSize(5).containsOnly(Outcome.CONNECT_FAILURE);
            assertThat(cluster.inFlight()).isZero();
        }
    }

    @ParameterizedTest(name = "44: without fast fallback the results are the same [{0}]")
    @EnumSource
    void withoutFastFallback(Transport transport) throws Exception {
        try (Backend busy = new Backend("busy", transport);
                Backend up = new Backend("up", transport);
                Cluster cluster = Cluster.behind(transport, List.of(Ports.closed("x")), busy, up)) {
            cluster.client(c -> c.fastFallback(false));
            busy.answers(503, "busy");
            assertThat(cluster.get("/")).isEqualTo("up");
            cluster.impatientWith(busy, Duration.ofMillis(250));
            busy.answers(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
            assertThat(cluster.get("/")).isEqualTo("up");
            cluster.awaitIdle();
            assertThat(cluster.trail())
                    .containsExactly(
                            "x CONNECT_FAILURE",
                            "busy OVERLOADED",
                            "up SUCCESS",
                            "x CONNECT_FAILURE",
                            "busy TIMEOUT",
                            "up SUCCESS");
        }
    }

    @Test
    @DisplayName("a client that forbids repeats on connection failure still moves on when nothing was sent")
    void clientsOwnSwitchIsHonoured() throws Exception {
        try (Backend lost = new Backend("lost", Transport.H1);
                Backend up = new Backend("up", Transport.H1);
                Cluster cluster = Cluster.behind(Transport.H1, List.of(Ports.closed("x")), lost, up)) {
            cluster.client(c -> c.retryOnConnectionFailure(false));
            lost.answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()));
            assertThatThrownBy(() -> cluster.get("/")).isInstanceOf(IOException.class);
            assertThat(lost.hits()).isEqualTo(1);
            assertThat(up.hits()).isZero();
        }
    }

    @Test
    @DisplayName("a timeout is thrown as such when there is nowhere else to go")
    void timeoutIsThrown() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.client(c -> c.readTimeout(100, TimeUnit.MILLISECONDS));
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
            assertThatThrownBy(() -> cluster.get("/")).isInstanceOf(SocketTimeoutException.class);
        }
    }

    /** Fails the test if it is written twice. */
    static final class OnceBody extends RequestBody {
        private final boolean duplex;
        private boolean written;

        OnceBody(boolean duplex) {
            this.duplex = duplex;
        }

        @Override
        public MediaType contentType() {
            return null;
        }

        @Override
        public boolean isOneShot() {
            return !duplex;
        }

        @Override
        public boolean isDuplex() {
            return duplex;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            assertThat(written).as("written before").isFalse();
            written = true;
            sink.writeUtf8("body");
            if (duplex) {
                sink.close();
            }
        }
    }
}
