package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.SocketFactory;
import okhttp3.Dispatcher;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where requests go. The numbers are those of the adapter's checklist. */
@Timeout(120)
class RoutingTest {
    @ParameterizedTest(name = "1, 2, 3, 4: requests alternate, with one connection for each server [{0}]")
    @EnumSource
    void alternatesWithOneConnectionForEachServer(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.of(transport, Balancers.roundRobin(), 3)) {
            List<String> order = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                order.add(cluster.get("/"));
            }
            assertThat(order.subList(0, 3)).containsExactlyInAnyOrder("a", "b", "c");
            assertThat(order.subList(3, 6)).isEqualTo(order.subList(0, 3));
            assertThat(cluster.backends).allMatch(b -> b.hits() == 4).allMatch(b -> b.connections() == 1);
            assertThat(cluster.client.connectionPool().connectionCount()).isEqualTo(3);
        }
    }

    @ParameterizedTest(name = "5: 40 calls at once spread evenly, over one HTTP/2 connection for each server [{0}]")
    @EnumSource(names = {"H2", "H2C"})
    void parallelCallsSpread(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.of(transport, Balancers.roundRobin(), 4)) {
            for (int i = 0; i < 4; i++) {
                cluster.get("/warm");
            }
            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                answers.add(Enqueued.text(cluster.call("/" + i)));
            }
            answers.forEach(answer ->
                    assertThat(answer.orTimeout(20, TimeUnit.SECONDS).join()).hasSize(1));
            assertThat(cluster.backends).allMatch(b -> b.hits() == 11).allMatch(b -> b.connections() == 1);
        }
    }

    @Test
    @DisplayName(
            "6: two services on one server do not share connections, nor do servers under one certificate coalesce")
    void neitherServersNorServicesMix() throws Exception {
        try (Backend a = new Backend("a", Transport.H2, "127.0.0.1", 0, both());
                Backend b = new Backend("b", Transport.H2, "127.0.0.1", 0, both());
                ServerPool orders = pool("orders.test", a, b);
                ServerPool users = pool("users.test", a, b)) {
            OkHttpClient client = Transport.H2
                    .client()
                    .addInterceptor(LoadBalancingInterceptor.builder()
                            .pool(orders)
                            .pool(users)
                            .build())
                    .build();
            for (String host : List.of("orders.test", "users.test", "orders.test", "users.test")) {
                for (int i = 0; i < 2; i++) {
                    Cluster.text(client.newCall(
                            new Request.Builder().url("https://" + host + "/").build()));
                }
            }
            assertThat(a.hits()).isEqualTo(4);
            assertThat(b.hits()).isEqualTo(4);
            assertThat(a.connections()).isEqualTo(2);
            assertThat(b.connections()).isEqualTo(2);
            for (Backend backend : List.of(a, b)) {
                assertThat(backend.seen)
                        .allMatch(r -> r.getUrl()
                                .host()
                                .equals(r.getHandshakeServerNames().get(0)));
            }
            client.connectionPool().evictAll();
        }
    }

    private static javax.net.ssl.SSLSocketFactory both() {
        return Transport.certificateFor("*.test", "orders.test", "users.test").sslSocketFactory();
    }

    private static ServerPool pool(String name, Backend... backends) {
        return ServerPool.builder(name)
                .servers(
                        java.util.Arrays.stream(backends).map(Backend::asServer).toList())
                .balancer(Balancers.roundRobin())
                .build();
    }

    @Test
    @DisplayName("7: every server has a port of its own, and the URL may have any")
    void portsDiffer() throws Exception {
        try (Cluster cluster = Cluster.of(Transport.H1, Balancers.roundRobin(), 2)) {
            Request request =
                    new Request.Builder().url("http://orders.test:4711/").build();
            List<String> answers = List.of(
                    Cluster.text(cluster.client.newCall(request)), Cluster.text(cluster.client.newCall(request)));
            assertThat(answers).containsExactlyInAnyOrder("a", "b");
            assertThat(cluster.backend(0).last().getHeaders().get("Host")).isEqualTo("orders.test:4711");
        }
    }

    @Test
    @DisplayName("8: servers on one port keep the user's socket factory; with another port a foreign one is refused")
    void userSocketFactory() throws Exception {
        try (Backend a = new Backend("a", Transport.H1);
                Backend b = new Backend("b", Transport.H1, "127.0.0.2", a.port());
                Cluster cluster = Cluster.of(Transport.H1, Balancers.roundRobin(), a, b)) {
            CountingFactory factory = new CountingFactory();
            cluster.client(c -> c.socketFactory(factory));
            for (int i = 0; i < 2; i++) {
                Cluster.text(cluster.client.newCall(new Request.Builder()
                        .url("http://orders.test:" + a.port() + "/")
                        .build()));
            }
            assertThat(factory.made).hasValue(2);
            assertThat(a.hits()).isEqualTo(1);
            assertThat(b.hits()).isEqualTo(1);
            assertThatThrownBy(() -> cluster.get("/"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("CountingFactory")
                    .hasMessageContaining("another port");
        }
    }

    @Test
    @DisplayName("9: a server that is given by name is reached at its second address when the first is dead")
    void nameWithDeadFirstAddress() throws Exception {
        try (Backend a = new Backend("a", Transport.H1, "127.0.0.2", 0);
                Cluster cluster = Cluster.behind(
                        Transport.H1,
                        List.of(Server.of("node-1.internal", a.port()).withId("node")))) {
            List<String> asked = new ArrayList<>();
            Dns dns = name -> {
                asked.add(name);
                return List.of(InetAddress.getByName("127.0.0.3"), InetAddress.getByName("127.0.0.2"));
            };
            for (boolean fastFallback : List.of(true, false)) {
                cluster.client(c -> c.dns(dns).fastFallback(fastFallback));
                assertThat(cluster.get("/")).isEqualTo("a");
                cluster.client.connectionPool().evictAll();
            }
            assertThat(asked).isNotEmpty().allMatch("node-1.internal"::equals);
        }
    }

    @Test
    @DisplayName("10: a server may have an IPv6 address")
    void ipv6() throws Exception {
        try (Backend a = new Backend("a", Transport.H1, "::1", 0);
                Cluster cluster = Cluster.inOrder(Transport.H1, a)) {
            assertThat(cluster.get("/")).isEqualTo("a");
        }
    }

    @Test
    @DisplayName("11: requests to other hosts pass untouched")
    void otherHostsPass() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1);
                Backend other = new Backend("other", Transport.H1)) {
            Request request = new Request.Builder()
                    .url("http://127.0.0.1:" + other.port() + "/")
                    .build();
            try (Response response = cluster.client.newCall(request).execute()) {
                assertThat(response.request()).isSameAs(request);
                assertThat(response.body().string()).isEqualTo("other");
            }
            assertThat(cluster.backend(0).hits()).isZero();
            assertThat(cluster.endings).isEmpty();
        }
    }

    @ParameterizedTest(name = "12: a pool cannot be called {0}")
    @ValueSource(strings = {"10.0.0.1", "::1", "[::1]", "1", "a/b", "a:80", "user@host", "a?b", "%6f"})
    void malformedNames(String name) {
        try (ServerPool pool = ServerPool.builder(name).build()) {
            assertThatThrownBy(() -> LoadBalancingInterceptor.of(pool))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("pool: " + name + " (expected: a name that ");
        }
    }

    @Test
    void poolNamesMatchInAnyCase() throws Exception {
        try (Backend a = new Backend("a", Transport.H1);
                ServerPool pool =
                        ServerPool.builder("Orders").servers(a.asServer()).build()) {
            OkHttpClient client = new OkHttpClient.Builder()
                    .addInterceptor(LoadBalancingInterceptor.of(pool))
                    .build();
            assertThat(Cluster.text(client.newCall(
                            new Request.Builder().url("http://oRDERS/").build())))
                    .isEqualTo("a");
            try (ServerPool twin = ServerPool.builder("ORDERS").build()) {
                assertThatThrownBy(() -> LoadBalancingInterceptor.builder()
                                .pool(pool)
                                .pool(twin)
                                .build())
                        .hasMessage("pool: ORDERS (expected: one pool for each name)");
            }
            client.connectionPool().evictAll();
        }
    }

    @Test
    void settingsAreChecked() {
        LoadBalancingInterceptor.Builder builder = LoadBalancingInterceptor.builder();
        assertThatThrownBy(builder::build).hasMessage("pools: none (expected: at least one)");
        assertThatThrownBy(() -> builder.queue(-1, Duration.ofSeconds(1)))
                .hasMessage("capacity: -1 (expected: 0 to 1000000)");
        assertThatThrownBy(() -> builder.queue(1, Duration.ZERO)).hasMessage("wait: PT0S (expected: > 0)");
        assertThatThrownBy(() -> builder.drainTime(Duration.ZERO)).hasMessage("drainTime: PT0S (expected: > 0)");
    }

    @Test
    void anInterceptorInTheWrongPlaceIsNamed() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.client(c -> {
                c.interceptors().clear();
                return c.dns(name -> List.of(InetAddress.getLoopbackAddress()))
                        .socketFactory(SocketFactory.getDefault())
                        .addNetworkInterceptor(cluster.interceptor);
            });
            Request request = new Request.Builder()
                    .url("http://orders.test:" + cluster.backend(0).port() + "/")
                    .build();
            assertThatThrownBy(() -> cluster.client.newCall(request).execute())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected: the last application interceptor");
        }
    }

    @Test
    @DisplayName("13: neither a client's proxy nor the JVM's swallows the pick, and other hosts still use it")
    void proxiesAreNotAsked() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1);
                Backend proxy = new Backend("proxy", Transport.H1)) {
            cluster.client(c -> c.proxy(new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", proxy.port()))));
            assertThat(cluster.get("/")).isEqualTo("a");
            cluster.backend(0).answers(r -> redirect("http://third.test/"));
            assertThat(cluster.get("/")).isEqualTo("proxy");

            cluster.backend(0).answers(200, "a");
            System.setProperty("http.proxyHost", "127.0.0.1");
            System.setProperty("http.proxyPort", String.valueOf(proxy.port()));
            try {
                cluster.client(c -> c.proxy(null).proxySelector(java.net.ProxySelector.getDefault()));
                assertThat(cluster.get("/")).isEqualTo("a");
            } finally {
                System.clearProperty("http.proxyHost");
                System.clearProperty("http.proxyPort");
            }
        }
    }

    private static mockwebserver3.MockResponse redirect(String to) {
        return new mockwebserver3.MockResponse.Builder()
                .code(302)
                .addHeader("Location", to)
                .build();
    }

    @Test
    @DisplayName("14: a server that left and came back is connected to anew")
    void readdedServer() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            AtomicReference<Socket> first = new AtomicReference<>();
            cluster.client(c -> c.addNetworkInterceptor(chain -> {
                first.compareAndSet(null, chain.connection().socket());
                return chain.proceed(chain.request());
            }));
            cluster.get("/");
            Server server = cluster.backend(0).asServer();
            cluster.pool.remove(server.id());
            Await.until("its connection is closed", () -> first.get().isClosed());
            assertThatThrownBy(() -> cluster.get("/"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("orders.test: no server available (0 servers)")
                    .hasCauseInstanceOf(io.lbclient.NoServerAvailableException.class);
            cluster.pool.add(server.withId("again").withWeight(3));
            cluster.get("/");
            assertThat(cluster.backend(0).connections()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("15: the pick is made when the call runs, not when it is queued")
    void picksAfterTheQueue() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            CountDownLatch release = new CountDownLatch(1);
            cluster.backend(0).answers(r -> {
                Await.released(release);
                return Backend.text(200, "a");
            });
            Dispatcher one = new Dispatcher();
            one.setMaxRequests(1);
            cluster.client(c -> c.dispatcher(one));
            CompletableFuture<String> running = Enqueued.text(cluster.call("/running"));
            CompletableFuture<String> queued = Enqueued.text(cluster.call("/queued"));
            Await.until("the first call is at a", () -> cluster.backend(0).hits() == 1);
            assertThat(cluster.inFlight()).isEqualTo(1);
            cluster.pool.remove("a");
            release.countDown();
            assertThat(running.get(20, TimeUnit.SECONDS)).isEqualTo("a");
            assertThat(queued.get(20, TimeUnit.SECONDS)).isEqualTo("b");
        }
    }

    /** A factory of the user's own, with sockets of its own. */
    private static final class CountingFactory extends SocketFactory {
        final AtomicInteger made = new AtomicInteger();

        @Override
        public Socket createSocket() {
            made.incrementAndGet();
            return new Socket();
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
            throw new UnsupportedOperationException();
        }
    }
}
