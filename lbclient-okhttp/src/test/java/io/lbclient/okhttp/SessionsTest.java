package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.balancer.Balancers;
import io.lbclient.session.InMemoryStore;
import io.lbclient.session.SessionAffinity;
import io.lbclient.session.SessionAffinityBuilder;
import io.lbclient.session.SessionCarrier;
import io.lbclient.session.TokenKeys;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import mockwebserver3.MockResponse;
import okhttp3.CookieJar;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** Sessions over real sockets, as a browser-like client, as a backend-for-frontend, and with ids that servers set. */
class SessionsTest {
    private static final TokenKeys KEYS = TokenKeys.of("a secret of thirty-two bytes, at least".getBytes());
    private static final String ORDERS = "http://orders.test/";

    private static Cluster cluster(SessionAffinityBuilder affinity, int size) {
        return Cluster.with(
                settings -> settings.balancer(Balancers.roundRobin()).affinity(affinity.build()), Transport.H1, size);
    }

    private static Request.Builder request(String path) {
        return new Request.Builder().url(ORDERS + path);
    }

    private static String body(OkHttpClient client, Request request) throws IOException {
        try (Response response = client.newCall(request).execute()) {
            return response.body().string();
        }
    }

    private static OkHttpClient withJar(Cluster cluster, CookieJar jar) {
        return cluster.client.newBuilder().cookieJar(jar).build();
    }

    @Test
    void theBalancersCookieLivesInTheClientsJar() throws Exception {
        try (Cluster cluster = cluster(SessionAffinity.builder().cookie("lb", KEYS), 3)) {
            List<String> servers = new ArrayList<>();
            for (int user = 0; user < 3; user++) {
                MemoryJar jar = new MemoryJar();
                OkHttpClient client = withJar(cluster, jar);
                String first = body(client, request("a").build());
                servers.add(first);
                for (int i = 0; i < 5; i++) {
                    assertThat(body(client, request("b?" + i).build())).isEqualTo(first);
                }
                assertThat(jar.cookies()).singleElement().satisfies(cookie -> {
                    assertThat(cookie.name()).isEqualTo("lb");
                    assertThat(cookie.httpOnly()).isTrue();
                    assertThat(cookie.path()).isEqualTo("/");
                    assertThat(cookie.domain()).isEqualTo("orders.test");
                    assertThat(cookie.persistent()).isTrue();
                    assertThat(cookie.value()).doesNotContain("127.0.0.1");
                });
            }
            assertThat(servers).doesNotHaveDuplicates();
        }
    }

    @Test
    void withoutAJarTheApplicationGetsTheCookieAndSendsItItself() throws Exception {
        try (Cluster cluster = cluster(SessionAffinity.builder().cookie("lb", KEYS), 3)) {
            String server;
            String cookie;
            try (Response response =
                    cluster.client.newCall(request("a").build()).execute()) {
                server = response.body().string();
                cookie = response.header("Set-Cookie");
            }
            assertThat(cookie).matches("lb=[A-Za-z0-9_-]{64}; Max-Age=28800; Path=/; HttpOnly");
            String pair = cookie.substring(0, cookie.indexOf(';'));
            for (int i = 0; i < 5; i++) {
                try (Response response = cluster.client
                        .newCall(request("b").header("Cookie", "x=1; " + pair).build())
                        .execute()) {
                    assertThat(response.body().string()).isEqualTo(server);
                    assertThat(response.headers("Set-Cookie")).isEmpty();
                }
            }
        }
    }

    @Test
    void overTlsTheCookieIsForTlsOnly() throws Exception {
        SessionAffinityBuilder affinity = SessionAffinity.builder().cookie("lb", KEYS);
        try (Cluster cluster = Cluster.with(settings -> settings.affinity(affinity.build()), Transport.H1_TLS, 2);
                Response response = cluster.call("/").execute()) {
            assertThat(response.header("Set-Cookie")).endsWith("; HttpOnly; Secure");
        }
    }

    @Test
    void aBackendForFrontendCarriesTheSessionsOfItsUsersThroughOneClient() throws Exception {
        try (Cluster cluster = cluster(SessionAffinity.builder().cookie("lb", KEYS), 3)) {
            List<SessionCarrier> users = new ArrayList<>();
            List<String> servers = new ArrayList<>();
            for (int user = 0; user < 6; user++) {
                SessionCarrier carrier = new SessionCarrier(null);
                servers.add(body(cluster.client, carried(carrier)));
                users.add(new SessionCarrier(carrier.issued()));
            }
            for (int round = 0; round < 3; round++) {
                for (int user = 0; user < 6; user++) {
                    assertThat(body(cluster.client, carried(users.get(user)))).isEqualTo(servers.get(user));
                }
            }
            assertThat(users).allSatisfy(user -> assertThat(user.issued()).isNull());
            assertThat(servers).contains("a", "b", "c");
        }
    }

    private static Request carried(SessionCarrier carrier) {
        return request("a").tag(SessionCarrier.class, carrier).build();
    }

    @Test
    void aTokenTravelsInAHeader() throws Exception {
        try (Cluster cluster = cluster(SessionAffinity.builder().header("X-Session-Server", KEYS), 3)) {
            String server;
            String token;
            try (Response response =
                    cluster.client.newCall(request("a").build()).execute()) {
                server = response.body().string();
                token = response.header("x-session-server");
            }
            for (int i = 0; i < 5; i++) {
                assertThat(body(
                                cluster.client,
                                request("a").header("X-Session-Server", token).build()))
                        .isEqualTo(server);
            }
        }
    }

    @Test
    void theSessionThatALoginSetsOnItsWayThroughARedirectIsLearned() throws Exception {
        InMemoryStore store = new InMemoryStore();
        try (Cluster cluster = cluster(SessionAffinity.builder().learnedCookie("JSESSIONID", store), 3)) {
            cluster.backends.forEach(backend ->
                    backend.answers(request -> "/login".equals(request.getUrl().encodedPath())
                            ? new MockResponse.Builder()
                                    .code(302)
                                    .addHeader("Set-Cookie", "JSESSIONID=of-" + backend.name + "; HttpOnly")
                                    .addHeader("Location", "/home")
                                    .build()
                            : Backend.text(200, backend.name)));
            OkHttpClient client = withJar(cluster, new MemoryJar());
            String server = body(client, request("login").build());

            assertThat(store.size()).isEqualTo(1);
            for (int i = 0; i < 6; i++) {
                assertThat(body(client, request("cart").build())).isEqualTo(server);
            }
            // Whoever brings the id another way is in the same session.
            assertThat(body(
                            cluster.client,
                            request("cart")
                                    .header("Cookie", "JSESSIONID=of-" + server)
                                    .build()))
                    .isEqualTo(server);
        }
    }

    @Test
    void anIdInAHeaderIsLearned() throws Exception {
        try (Cluster cluster = cluster(SessionAffinity.builder().learnedHeader("X-Session", new InMemoryStore()), 3)) {
            cluster.backends.forEach(backend -> backend.answers(request -> new MockResponse.Builder()
                    .addHeader("X-Session", "of-" + backend.name)
                    .body(backend.name)
                    .build()));
            String server = body(cluster.client, request("a").build());
            for (int i = 0; i < 5; i++) {
                assertThat(body(
                                cluster.client,
                                request("a").header("X-Session", "of-" + server).build()))
                        .isEqualTo(server);
            }
        }
    }

    @Test
    void anAnswerThatIsAFailureBindsNobody() throws Exception {
        try (Cluster cluster = cluster(SessionAffinity.builder().cookie("lb", KEYS), 2)) {
            cluster.backends.forEach(backend -> backend.answers(500, "broken"));
            MemoryJar jar = new MemoryJar();
            body(withJar(cluster, jar), request("a").build());

            assertThat(jar.cookies()).isEmpty();
        }
    }

    @Test
    void theSessionsOfALostServerMoveWithoutAnErrorAndNobodyElseDoes() throws Exception {
        try (Cluster cluster = cluster(SessionAffinity.builder().cookie("lb", KEYS), 3)) {
            List<OkHttpClient> users = new ArrayList<>();
            List<String> before = new ArrayList<>();
            for (int user = 0; user < 9; user++) {
                users.add(withJar(cluster, new MemoryJar()));
                before.add(body(users.get(user), request("a").build()));
            }
            cluster.backends.get(1).close();
            cluster.pool.operator("test").disable("b");
            for (int user = 0; user < 9; user++) {
                String after = body(users.get(user), request("a").build());
                if (before.get(user).equals("b")) {
                    assertThat(after).isIn("a", "c");
                } else {
                    assertThat(after).isEqualTo(before.get(user));
                }
                assertThat(body(users.get(user), request("a").build())).isEqualTo(after);
            }
        }
    }

    @Test
    void aStrictSessionWhoseServerIsOutFailsAndSaysSo() throws Exception {
        try (Cluster cluster =
                cluster(SessionAffinity.builder().cookie("lb", KEYS).strict(), 2)) {
            OkHttpClient client = withJar(cluster, new MemoryJar());
            String server = body(client, request("a").build());
            cluster.pool.operator("test").disable(server);

            assertThatThrownBy(() -> body(client, request("a").build()))
                    .isInstanceOf(NoServerException.class)
                    .hasMessageContaining("orders.test: the session's server may not be used (strict affinity)");
        }
    }

    @Test
    void aHedgedCallIsBoundToWhoeverAnswered() throws Exception {
        try (Cluster cluster = cluster(SessionAffinity.builder().cookie("lb", KEYS), 2)) {
            cluster.calls(
                    settings -> settings.perTryTimeout(io.lbclient.retry.PerTryTimeout.of(Duration.ofSeconds(20))));
            MemoryJar jar = new MemoryJar();
            OkHttpClient client = withJar(cluster, jar);
            // The nested call has the jar of the client that the interceptor was installed in, this one its own.
            String server = body(client, request("a").build());

            assertThat(jar.cookies()).hasSize(1);
            for (int i = 0; i < 4; i++) {
                assertThat(body(client, request("a").build())).isEqualTo(server);
            }
        }
    }

    @Test
    void fiveHundredCookiesAndAMegabyteOfThemAreNoSession() throws Exception {
        try (Cluster cluster = cluster(SessionAffinity.builder().cookie("lb", KEYS), 2)) {
            StringBuilder many = new StringBuilder();
            for (int i = 0; i < 500; i++) {
                many.append("c").append(i).append("=v; ");
            }
            Request request =
                    request("a").header("Cookie", many + "lb=nonsense").build();
            OkHttpRequestView view = new OkHttpRequestView(request, CookieJar.NO_COOKIES);
            assertThat(view.cookie("lb")).isEqualTo("nonsense");
            assertThat(body(cluster.client, request)).isIn("a", "b");

            Request huge =
                    request("a").header("Cookie", ";".repeat(1 << 20) + "lb=x").build();
            assertThat(new OkHttpRequestView(huge, CookieJar.NO_COOKIES).cookie("absent"))
                    .isNull();
            assertThat(new OkHttpRequestView(huge, CookieJar.NO_COOKIES).cookie("lb"))
                    .isEqualTo("x");
        }
    }
}
