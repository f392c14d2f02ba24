package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Server;
import io.lbclient.health.HealthCheck.Result;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import javax.net.SocketFactory;
import javax.net.ssl.SSLPeerUnverifiedException;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Cache;
import okhttp3.Call;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** One health check through the client that the calls use. */
@Timeout(120)
class OkHttpCheckTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private Result check(OkHttpCheck check, Server server) throws Exception {
        return check.check(server, threads).get(20, TimeUnit.SECONDS);
    }

    private static OkHttpCheck of(Cluster cluster) {
        return OkHttpCheck.of(cluster.client, cluster.request("/health").build());
    }

    @ParameterizedTest(name = "the server in question is asked, under the service's name, and no other [{0}]")
    @EnumSource
    void asksTheServerInQuestion(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 3)) {
            OkHttpCheck check = of(cluster);
            for (int i : new int[] {2, 1, 2}) {
                assertThat(check(check, cluster.backend(i).asServer())).isEqualTo(Result.PASSED);
            }
            assertThat(cluster.backends.stream().map(Backend::hits)).containsExactly(0, 1, 2);
            var seen = cluster.backend(2).last();
            assertThat(seen.getTarget()).isEqualTo("/health");
            assertThat(seen.getUrl().host()).isEqualTo(Transport.SERVICE);
            if (transport.tls()) {
                assertThat(seen.getHandshakeServerNames()).containsExactly(Transport.SERVICE);
            }
            // It is nothing that the pool has picked, although the client is the balanced one.
            assertThat(cluster.pool.snapshot().servers())
                    .allSatisfy(server -> assertThat(server.picks()).isZero());
        }
    }

    @ParameterizedTest(name = "calls and checks use one connection to a server [{0}]")
    @EnumSource
    void sharesConnectionsWithCalls(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            // Without a body: OkHttp closes a connection on which it cannot read the rest of one within 100 ms.
            cluster.backend(0)
                    .answers(request -> Backend.text(200, request.getTarget().equals("/health") ? "" : "a"));
            assertThat(cluster.get("/")).isEqualTo("a");
            assertThat(check(of(cluster), cluster.backend(0).asServer()).passed())
                    .isTrue();
            assertThat(cluster.get("/")).isEqualTo("a");
            assertThat(cluster.backend(0).hits()).isEqualTo(3);
            assertThat(cluster.backend(0).connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest(name = "{0} to {1}: status {2} passes: {3}")
    @CsvSource({
        "200, 299, 200, true", "200, 299, 204, true", "200, 299, 302, false", "200, 299, 404, false",
        "200, 299, 503, false", "401, 401, 401, true", "200, 399, 302, true", "401, 401, 200, false"
    })
    void statuses(int lowest, int highest, int status, boolean passes) throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.backend(0).answers(new MockResponse.Builder().code(status).addHeader("Location", "/elsewhere"));
            OkHttpCheck check = OkHttpCheck.builder(
                            cluster.client, cluster.request("/health").build())
                    .status(lowest, highest)
                    .build();
            Result result = check(check, cluster.backend(0).asServer());
            assertThat(result.passed()).isEqualTo(passes);
            assertThat(result.detail()).isEqualTo(passes ? "" : "HTTP status " + status);
            assertThat(cluster.backend(0).hits()).as("no redirect is followed").isEqualTo(1);
        }
    }

    @ParameterizedTest(name = "of {0} bytes before the text, {1} are looked at [{2}]")
    @CsvSource({"0, 100, H1, true", "98, 100, H2, true", "99, 100, H1, false", "50000, 100, H2, false"})
    void theBodyIsReadToALimit(int before, int limit, Transport transport, boolean passes) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 1)) {
            cluster.backend(0).answers(200, "x".repeat(before) + "ok");
            OkHttpCheck check = OkHttpCheck.builder(
                            cluster.client, cluster.request("/health").build())
                    .bodyContains("ok")
                    .maxBodyBytes(limit)
                    .build();
            Result result = check(check, cluster.backend(0).asServer());
            assertThat(result.passed()).isEqualTo(passes);
            assertThat(result.detail()).isEqualTo(passes ? "" : "the body does not contain the expected text");
        }
    }

    @Test
    void aBodyWithoutAnEndIsReadToTheLimit() throws Exception {
        AtomicReference<IOException> broke = new AtomicReference<>();
        try (RawServer endless = new RawServer(connection -> {
                    connection.read();
                    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    try {
                        for (; ; ) {
                            connection.write("4\r\nxxxx\r\n");
                        }
                    } catch (IOException e) {
                        broke.set(e);
                    }
                });
                Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            OkHttpCheck check = OkHttpCheck.builder(
                            cluster.client, cluster.request("/health").build())
                    .bodyContains("ok")
                    .build();
            assertThat(check(check, endless.asServer("endless")).passed()).isFalse();
            Await.until("the connection is given up", () -> broke.get() != null);
        }
    }

    @Test
    @DisplayName("a certificate for another name fails the check, as it fails the calls")
    void wrongCertificate() throws Exception {
        try (Backend other = new Backend(
                        "b",
                        Transport.H2,
                        "127.0.0.1",
                        0,
                        Transport.certificateFor("other.test").sslSocketFactory());
                Cluster cluster = Cluster.inOrder(Transport.H2, 1)) {
            assertThatThrownBy(() -> check(of(cluster), other.asServer()))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(SSLPeerUnverifiedException.class);
        }
    }

    @Test
    void theClientsInterceptorsAuthenticatorAndCookiesAreUsed() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            Cookie cookie = new Cookie.Builder()
                    .name("session")
                    .value("1")
                    .domain(Transport.SERVICE)
                    .build();
            List<Cookie> saved = new CopyOnWriteArrayList<>();
            cluster.client(client -> client.cookieJar(new CookieJar() {
                        @Override
                        public List<Cookie> loadForRequest(HttpUrl url) {
                            return List.of(cookie);
                        }

                        @Override
                        public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
                            saved.addAll(cookies);
                        }
                    })
                    .addInterceptor(chain -> chain.proceed(
                            chain.request().newBuilder().header("Signed", "yes").build()))
                    .authenticator((route, response) -> response.request()
                            .newBuilder()
                            .header("Authorization", "it is me")
                            .build()));
            cluster.backend(0)
                    .answers(request -> request.getHeaders().get("Authorization") == null
                            ? Backend.text(401, "who?")
                            : new MockResponse.Builder()
                                    .addHeader("Set-Cookie", "session=2")
                                    .body("well")
                                    .build());
            assertThat(check(of(cluster), cluster.backend(0).asServer())).isEqualTo(Result.PASSED);
            var headers = cluster.backend(0).last().getHeaders();
            assertThat(headers.get("Signed")).isEqualTo("yes");
            assertThat(headers.get("Cookie")).isEqualTo("session=1");
            assertThat(saved).as("no session of a user is changed").isEmpty();
        }
    }

    @Test
    void theClientsCacheIsNeitherReadNorFilled(@TempDir Path directory) throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1);
                Cache cache = new Cache(directory.toFile(), 1 << 20)) {
            cluster.client(client -> client.cache(cache));
            cluster.backend(0)
                    .answers(new MockResponse.Builder()
                            .addHeader("Cache-Control", "max-age=3600")
                            .body("a"));
            check(of(cluster), cluster.backend(0).asServer());
            check(of(cluster), cluster.backend(0).asServer());
            assertThat(cluster.backend(0).hits()).isEqualTo(2);
            assertThat(cache.urls().hasNext()).isFalse();

            cluster.get("/health");
            assertThat(cache.urls().hasNext()).isTrue();
            check(of(cluster), cluster.backend(0).asServer());
            assertThat(cluster.backend(0).hits()).isEqualTo(4);
        }
    }

    @Test
    void anAnswerThatIsNotTheServersIsNoPass() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            // As one for tests, or for times without a network, would do it.
            cluster.client(client -> client.addInterceptor(chain -> new Response.Builder()
                    .request(chain.request())
                    .protocol(okhttp3.Protocol.HTTP_1_1)
                    .code(200)
                    .message("OK")
                    .build()));
            assertThat(check(of(cluster), cluster.backend(0).asServer()))
                    .isEqualTo(Result.failed("answered by an interceptor of the client, not by the server"));
        }
    }

    @Test
    void aCrashInAnInterceptorIsAFailedCheck() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.client(client -> client.addInterceptor(chain -> {
                throw new IllegalStateException("bug");
            }));
            assertThatThrownBy(() -> check(of(cluster), cluster.backend(0).asServer()))
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest(name = "a check that hangs ends when it is cancelled, and leaves the next one alone [{0}]")
    @EnumSource
    void cancel(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 1)) {
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
            CompletableFuture<Result> hanging =
                    of(cluster).check(cluster.backend(0).asServer(), threads);
            Await.until("it has asked", () -> cluster.backend(0).hits() == 1);
            assertThat(cluster.client.dispatcher().runningCallsCount()).isEqualTo(1);
            hanging.cancel(true);
            Await.until("its call has ended", () -> cluster.client.dispatcher().runningCallsCount() == 0);

            cluster.backend(0).answers(200, "well");
            assertThat(check(of(cluster), cluster.backend(0).asServer())).isEqualTo(Result.PASSED);
        }
    }

    @ParameterizedTest(name = "a full dispatcher does not keep checks waiting, nor checks a dispatcher [{0}]")
    @EnumSource
    void theDispatcherIsNotShared(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            cluster.client.dispatcher().setMaxRequestsPerHost(1);
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
            Call hanging = cluster.call("/");
            Enqueued.text(hanging);
            Await.until("the only place is taken", () -> cluster.backend(0).hits() == 1);
            CompletableFuture<String> waiting = Enqueued.text(cluster.call("/"));

            Server b = cluster.backend(1).asServer();
            assertThat(check(of(cluster), b)).isEqualTo(Result.PASSED);
            assertThat(waiting).isNotDone();

            // And the other way round: checks that hang take no call's place.
            OkHttpCheck check = of(cluster);
            List<CompletableFuture<Result>> stuck = List.of(
                    check.check(cluster.backend(0).asServer(), threads),
                    check.check(cluster.backend(0).asServer(), threads));
            Await.until("they hang", () -> cluster.backend(0).hits() == 3);
            cluster.pool.remove("a");
            hanging.cancel();
            assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo("b");
            stuck.forEach(one -> one.cancel(true));
        }
    }

    @Test
    void aSocketFactoryThatCannotReachTheServersPortFailsTheCheckAndSaysSo() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.client(client -> client.socketFactory(new Foreign()));
            assertThatThrownBy(() -> check(of(cluster), cluster.backend(0).asServer()))
                    .hasCauseInstanceOf(IOException.class)
                    .hasMessageContaining("cannot reach server a on another port than the URL's, 80");
        }
    }

    @Test
    void badSettingsAreRefused() {
        OkHttpClient client = new OkHttpClient();
        UnaryOperator<String> message =
                url -> "request: " + url + " (expected: a URL whose host is the service's name, not an IP address)";
        for (String host : List.of("127.0.0.1", "::1")) {
            String inUrl = host.contains(":") ? "[" + host + "]" : host;
            Request request =
                    new Request.Builder().url("http://" + inUrl + "/health").build();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OkHttpCheck.of(client, request))
                    .withMessage(message.apply(host));
        }
        Request.Builder request = new Request.Builder().url("http://orders/health");
        OkHttpCheck.Builder builder = OkHttpCheck.builder(client, request.build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.status(199, 299))
                .withMessage("lowest: 199 (expected: 200 to 599)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.status(300, 299))
                .withMessage("highest: 299 (expected: 300 to 599)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.bodyContains(""))
                .withMessage("bodyContains: \"\" (expected: not empty)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxBodyBytes(0))
                .withMessage("maxBodyBytes: 0 (expected: 1 to 1048576)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OkHttpCheck.builder(client, request.head().build())
                        .bodyContains("ok")
                        .build())
                .withMessage("method: HEAD (expected: one whose answer has a body, for bodyContains)");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        OkHttpCheck.of(client, request.post(new OnceOnly()).build()))
                .withMessage("request: a body that can be written only once (expected: none, or one for every check)");
    }

    private static final class OnceOnly extends RequestBody {
        @Override
        public MediaType contentType() {
            return null;
        }

        @Override
        public void writeTo(BufferedSink sink) {}

        @Override
        public boolean isOneShot() {
            return true;
        }
    }

    private static final class Foreign extends SocketFactory {
        @Override
        public Socket createSocket() {
            return new Socket();
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, java.net.InetAddress local, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(java.net.InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(java.net.InetAddress host, int port, java.net.InetAddress local, int localPort) {
            throw new UnsupportedOperationException();
        }
    }
}
