package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.failsafe.RetryPolicy;
import io.lbclient.Outcome;
import io.lbclient.balancer.Balancers;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLPeerUnverifiedException;
import mockwebserver3.MockResponse;
import okhttp3.Cache;
import okhttp3.CacheControl;
import okhttp3.CertificatePinner;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All but the server sees the service's name. The numbers are those of the adapter's checklist. */
@Timeout(120)
class LogicalViewTest {
    @ParameterizedTest(name = "16, 17, 31: Host, server name of TLS and the response's URL are the service's [{0}]")
    @EnumSource
    void hostStaysLogical(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 1)) {
            try (Response response = cluster.call("/items?x=1").execute()) {
                assertThat(response.request().url()).hasToString(cluster.url("/items?x=1"));
            }
            var seen = cluster.backend(0).last();
            assertThat(seen.getUrl()).hasToString(cluster.url("/items?x=1"));
            String host = seen.getHeaders().get(transport.http2() ? ":authority" : "Host");
            assertThat(host).isEqualTo(Transport.SERVICE);
            assertThat(seen.getHandshakeServerNames())
                    .isEqualTo(transport.tls() ? List.of(Transport.SERVICE) : List.of());
        }
    }

    @ParameterizedTest(name = "20: a server with a {0} certificate fails to connect, and the next one gets the request")
    @ValueSource(strings = {"foreign", "self-signed", "expired"})
    void badCertificates(String kind) throws Exception {
        HeldCertificate.Builder held = new HeldCertificate.Builder();
        held.addSubjectAlternativeName(kind.equals("foreign") ? "other.test" : Transport.SERVICE);
        if (!kind.equals("self-signed")) {
            held.signedBy(Transport.ROOT);
        }
        if (kind.equals("expired")) {
            held.validityInterval(1, 2);
        }
        var wrong = new okhttp3.tls.HandshakeCertificates.Builder()
                .heldCertificate(held.build())
                .build()
                .sslSocketFactory();
        for (Transport transport : List.of(Transport.H1_TLS, Transport.H2)) {
            try (Backend bad = new Backend("bad", transport, "127.0.0.1", 0, wrong);
                    Backend good = new Backend("good", transport);
                    Cluster cluster = Cluster.inOrder(transport, bad, good)) {
                assertThat(Cluster.text(cluster.post("/", "secret"))).isEqualTo("good");
                cluster.awaitIdle();
                assertThat(cluster.trail()).containsExactly("bad CONNECT_FAILURE", "good SUCCESS");
                assertThat(bad.hits()).isZero();
            }
        }
    }

    @Test
    @DisplayName("18, 19: one certificate for the service is enough, and its pins hold for every server")
    void certificatePins() throws Exception {
        try (Cluster cluster = Cluster.of(Transport.H2, Balancers.roundRobin(), 2)) {
            String right = CertificatePinner.pin(Transport.ROOT.certificate());
            cluster.client(c -> c.certificatePinner(new CertificatePinner.Builder()
                    .add(Transport.SERVICE, right)
                    .build()));
            assertThat(List.of(cluster.get("/"), cluster.get("/"))).containsExactlyInAnyOrder("a", "b");
            String wrong = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
            cluster.client(c -> c.certificatePinner(new CertificatePinner.Builder()
                    .add(Transport.SERVICE, wrong)
                    .build()));
            assertThatThrownBy(() -> cluster.get("/"))
                    .isInstanceOf(SSLPeerUnverifiedException.class)
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .hasSize(1)
                            .hasOnlyElementsOfType(SSLPeerUnverifiedException.class));
        }
    }

    @Test
    @DisplayName("21: a cookie that one server set goes to the others")
    void cookiesBelongToTheService() throws Exception {
        try (Cluster cluster = Cluster.of(Transport.H1, Balancers.roundRobin(), 2)) {
            MemoryJar jar = new MemoryJar();
            cluster.client(c -> c.cookieJar(jar));
            cluster.backends.forEach(
                    b -> b.answers(new MockResponse.Builder().addHeader("Set-Cookie", "s=1; Domain=orders.test")));
            cluster.get("/");
            cluster.get("/");
            List<String> sent = new ArrayList<>();
            cluster.backends.forEach(b -> sent.add(b.last().getHeaders().get("Cookie")));
            assertThat(sent).containsExactlyInAnyOrder(null, "s=1");
            assertThat(jar.hosts).containsOnlyKeys(Transport.SERVICE);
        }
    }

    @Test
    @DisplayName("22, 23, 24: servers share one cache entry; POST reaches a server and invalidates; a hit asks nobody")
    void cacheIsShared(@TempDir Path directory) throws Exception {
        try (Cluster cluster = Cluster.of(Transport.H1, Balancers.roundRobin(), 3);
                Cache cache = new Cache(directory.toFile(), 1 << 20)) {
            cluster.client(c -> c.cache(cache));
            cluster.backends.forEach(b -> b.answers(new MockResponse.Builder()
                    .addHeader("Cache-Control", "max-age=60")
                    .body("x")));
            for (int i = 0; i < 9; i++) {
                cluster.get("/cached");
                assertThat(cluster.inFlight()).isZero();
            }
            assertThat(hits(cluster)).isEqualTo(1);
            assertThat(cache.hitCount()).isEqualTo(8);
            assertThat(cluster.outcomes().stream().filter(o -> o == Outcome.NOT_SENT))
                    .hasSize(8);

            Cluster.text(cluster.post("/cached", "change"));
            assertThat(hits(cluster)).isEqualTo(2);
            cluster.get("/cached");
            assertThat(hits(cluster)).isEqualTo(3);

            Request onlyCached = cluster.request("/never-seen")
                    .cacheControl(CacheControl.FORCE_CACHE)
                    .build();
            try (Response response = cluster.client.newCall(onlyCached).execute()) {
                assertThat(response.code()).isEqualTo(504);
                assertThat(cluster.inFlight()).isZero();
            }
            assertThat(hits(cluster)).isEqualTo(3);
            assertThat(cluster.endings.get(cluster.endings.size() - 1).outcome())
                    .isEqualTo(Outcome.NOT_SENT);
        }
    }

    private static int hits(Cluster cluster) {
        return cluster.backends.stream().mapToInt(Backend::hits).sum();
    }

    @Test
    @DisplayName("25: what one server gave is revalidated by another")
    void revalidation(@TempDir Path directory) throws Exception {
        try (Cluster cluster = Cluster.of(Transport.H1, Balancers.roundRobin(), 2);
                Cache cache = new Cache(directory.toFile(), 1 << 20)) {
            cluster.client(c -> c.cache(cache));
            cluster.backends.forEach(b -> b.answers(r -> r.getHeaders().get("If-None-Match") != null
                    ? new MockResponse.Builder().code(304).build()
                    : new MockResponse.Builder()
                            .addHeader("ETag", "\"v1\"")
                            .addHeader("Cache-Control", "no-cache")
                            .body("once")
                            .build()));
            assertThat(cluster.get("/")).isEqualTo("once");
            assertThat(cluster.get("/")).isEqualTo("once");
            assertThat(cluster.backends).allMatch(b -> b.hits() == 1);
            cluster.awaitIdle();
            assertThat(cluster.outcomes()).containsOnly(Outcome.SUCCESS);
        }
    }

    @Test
    @DisplayName("26, 27, 29: redirects within the service stay there, with the Authorization, on any port")
    void redirectsWithinTheService() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            Backend other = new Backend("other", Transport.H1);
            try (other) {
                cluster.backend(0).answers(r -> switch (r.getUrl().encodedPath()) {
                    case "/relative" -> redirect(302, "/end");
                    case "/absolute" -> redirect(307, "http://orders.test/end");
                    case "/port" -> redirect(302, "http://orders.test:" + other.port() + "/end");
                    default -> Backend.text(200, "a " + r.getHeaders().get("Authorization"));
                });
                for (String path : List.of("/relative", "/absolute")) {
                    Request request = cluster.request(path)
                            .header("Authorization", "secret")
                            .build();
                    try (Response response = cluster.client.newCall(request).execute()) {
                        assertThat(response.request().url()).hasToString("http://orders.test/end");
                        assertThat(response.priorResponse().request().url()).hasToString(cluster.url(path));
                        assertThat(response.body().string()).isEqualTo("a secret");
                    }
                }
                assertThat(cluster.get("/port")).isEqualTo("other");
                assertThat(cluster.backend(0).connections()).isEqualTo(1);
                cluster.awaitIdle();
                assertThat(cluster.outcomes()).containsOnly(Outcome.SUCCESS);
            }
        }
    }

    @Test
    @DisplayName("28: a redirect to another host uses the client's Dns, and takes neither Host nor Authorization along")
    void redirectToAnotherHost() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1);
                Backend third = new Backend("third", Transport.H1, "127.0.0.9", 0)) {
            cluster.client(c -> c.dns(name -> {
                assertThat(name).isEqualTo("third.test");
                return List.of(InetAddress.getByName("127.0.0.9"));
            }));
            third.answers(500, "third");
            cluster.backend(0).answers(r -> redirect(302, "http://third.test:" + third.port() + "/"));
            Request request =
                    cluster.request("/").header("Authorization", "secret").build();
            assertThat(Cluster.text(cluster.client.newCall(request))).isEqualTo("third");
            assertThat(third.last().getHeaders().get("Host")).isEqualTo("third.test:" + third.port());
            assertThat(third.last().getHeaders().get("Authorization")).isNull();
            cluster.awaitIdle();
            assertThat(cluster.outcomes())
                    .as("what the other host does says nothing about the server")
                    .containsExactly(Outcome.SUCCESS);
        }
    }

    @Test
    @DisplayName("28: what fails where a redirect led away is neither asked for again nor the server's failure")
    void redirectToAHostThatFails() throws Exception {
        AtomicBoolean answers = new AtomicBoolean();
        try (RawServer elsewhere = new RawServer(connection -> {
                    connection.read();
                    if (answers.get()) {
                        connection.write("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    }
                });
                Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            cluster.calls(c -> c.retry(RetryPolicy.<Response>builder()
                    .handle(IOException.class)
                    .handleResultIf(response -> response.code() == 503)
                    .build()));
            cluster.backend(0).answers(r -> redirect(302, "http://127.0.0.1:" + elsewhere.port() + "/"));
            assertThatThrownBy(() -> cluster.get("/")).isInstanceOf(IOException.class);
            answers.set(true);
            try (Response response = cluster.call("/").execute()) {
                assertThat(response.code()).isEqualTo(503);
            }
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactly("a SUCCESS", "a SUCCESS");
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }

    @ParameterizedTest(name = "security: with redirects off, {0} is returned and nobody is contacted")
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest", "//127.0.0.9/", "http://orders.test@127.0.0.9/", "http://2130706441/",
                "http://0x7f.0.0.9/", "http://[::ffff:127.0.0.9]/", "\\\\127.0.0.9\\x", "http://127.0.0.9:81/",
                "ftp://127.0.0.9/", "https://127.0.0.9/"
            })
    void redirectsOffStayInside(String location) throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            List<String> asked = new CopyOnWriteArrayList<>();
            cluster.client(c -> c.followRedirects(false).dns(name -> {
                asked.add(name);
                return List.of();
            }));
            for (int code : List.of(301, 302, 303, 307, 308)) {
                cluster.backend(0).answers(r -> redirect(code, location));
                try (Response response = cluster.call("/").execute()) {
                    assertThat(response.code()).isEqualTo(code);
                }
            }
            assertThat(asked).isEmpty();
            assertThat(cluster.backend(0).hits()).isEqualTo(5);
        }
    }

    @ParameterizedTest(name = "30: an authenticator sees the logical URL, and the same server, also for a POST [{0}]")
    @EnumSource(names = {"H1", "H2"})
    void authenticator(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.of(transport, Balancers.roundRobin(), 2)) {
            List<HttpUrl> urls = new ArrayList<>();
            cluster.client(c -> c.authenticator((route, response) -> {
                urls.add(response.request().url());
                urls.add(route.address().url().resolve("/r"));
                return response.request()
                        .newBuilder()
                        .header("Authorization", "secret")
                        .build();
            }));
            cluster.backends.forEach(b -> b.answers(r -> r.getHeaders().get("Authorization") == null
                    ? Backend.text(401, "who?")
                    : Backend.text(200, r.getBody().utf8())));
            assertThat(Cluster.text(cluster.post("/r", "body"))).isEqualTo("body");
            assertThat(urls).containsOnly(HttpUrl.get(cluster.url("/r")));
            assertThat(cluster.backends.stream().map(Backend::hits)).containsExactlyInAnyOrder(0, 2);
        }
    }

    @Test
    @DisplayName("a POST follows a redirect that keeps its method, body and all")
    void postFollowsRedirect() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.backend(0)
                    .answers(r -> r.getUrl().encodedPath().equals("/old")
                            ? redirect(308, "/new")
                            : Backend.text(
                                    200, r.getMethod() + " " + r.getBody().utf8()));
            assertThat(Cluster.text(cluster.post("/old", "body"))).isEqualTo("POST body");
        }
    }

    @Test
    @DisplayName("31: the response's request is the caller's own, also when it had a body")
    void requestIsTheCallersOwn() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            List<Request> requests = List.of(
                    cluster.request("/").build(),
                    cluster.request("/").post(RequestBody.EMPTY).build(),
                    cluster.request("/").method("PURGE", null).build());
            for (Request request : requests) {
                try (Response response = cluster.client.newCall(request).execute()) {
                    assertThat(response.request()).isSameAs(request);
                }
            }
        }
    }

    @Test
    void whatThePoolSeesOfARequest() throws Exception {
        Request request = new Request.Builder()
                .url("http://orders.test/a%20b/c?secret=1")
                .header("Cookie", "first=1; session = abc ; session=other")
                .addHeader("X-Tenant", "t1")
                .addHeader("x-tenant", "t2")
                .tag(InetAddress.class, InetAddress.getByName("192.0.2.7"))
                .tag(Integer.class, 42)
                .build();
        OkHttpRequestView view = new OkHttpRequestView(request, CookieJar.NO_COOKIES);
        assertThat(view.method()).isEqualTo("GET");
        assertThat(view.path()).isEqualTo("/a%20b/c");
        assertThat(view.header("X-TENANT")).isEqualTo("t2");
        assertThat(view.header("absent")).isNull();
        assertThat(view.cookie("session")).isEqualTo("abc");
        assertThat(view.cookie("Session")).isNull();
        assertThat(view.clientAddress()).isEqualTo(InetAddress.getByName("192.0.2.7"));
        assertThat(view.attribute(Integer.class)).isEqualTo(42);
        assertThat(view.attribute(String.class)).isNull();
        assertThat(view.toString()).doesNotContain("secret", "abc");
    }

    /** Without a body: OkHttp closes a connection on which it cannot read the rest of a redirect within 100 ms. */
    private static MockResponse redirect(int code, String to) {
        return new MockResponse.Builder().code(code).addHeader("Location", to).build();
    }
}
