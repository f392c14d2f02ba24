package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;
import kotlin.jvm.functions.Function0;
import okhttp3.Address;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.Dns;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.Route;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReleaseHopTest {
    /** One of OkHttp's interfaces, whose methods all do what this says. */
    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** A call that remembers the one thing that it is tagged with. */
    private static Call call() {
        Object[] tag = new Object[1];
        return fake(Call.class, (proxy, method, args) -> switch (method.getName()) {
            case "tag" -> tag[0] == null ? tag[0] = ((Function0<?>) args[1]).invoke() : tag[0];
            case "isCanceled" -> false;
            case "addEventListener" -> null;
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    /** A chain that leads nowhere, as it should, and whatever it is told to change. */
    private static Interceptor.Chain chain(Call call) {
        return fake(Interceptor.Chain.class, (proxy, method, args) -> switch (method.getName()) {
            case "call" -> call;
            case "proceed" -> throw new UnknownHostException("as it should");
            default -> proxy;
        });
    }

    private static Connection connection(HttpUrl url, ServerPin pin) {
        OkHttpClient client = new OkHttpClient();
        Address address = new Address(
                url.host(),
                url.port(),
                pin,
                client.socketFactory(),
                null,
                null,
                null,
                client.proxyAuthenticator(),
                null,
                client.protocols(),
                client.connectionSpecs(),
                client.proxySelector());
        Route route = new Route(address, java.net.Proxy.NO_PROXY, InetSocketAddress.createUnresolved("a", 80));
        return fake(Connection.class, (proxy, method, args) -> switch (method.getName()) {
            case "route" -> route;
            case "socket" -> new Socket();
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    @Test
    @DisplayName("37: if OkHttp keeps the connection, the hop fails rather than ask the wrong server")
    void selfCheck() throws Exception {
        HttpUrl url = HttpUrl.get("http://orders.test/");
        Call call = call();
        try (ServerPool pool = ServerPool.builder("orders.test").build()) {
            CallState state = CallState.of(call, new Connections(pool, null, Runnable::run), url);
            ServerPin pin = new ServerPin(url, Server.of("10.0.0.1", 80), Dns.SYSTEM, SocketFactory.getDefault());
            Connection connection = connection(url, pin);
            state.connectionAcquired(call, connection);
            assertThatThrownBy(() -> ReleaseHop.make(chain(call), state))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("server 10.0.0.1:80 of orders.test");
            state.connectionReleased(call, connection);
            ReleaseHop.make(chain(call), state);
            assertThat(state.held()).isNull();
        }
    }

    @ParameterizedTest(name = "the hop opens no socket and looks nothing up, and comes only between servers [{0}]")
    @EnumSource
    void onlyBetweenServers(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            List<String> events = new ArrayList<>();
            cluster.client(c -> c.eventListener(new EventListener() {
                        @Override
                        public void dnsStart(Call call, String name) {
                            events.add("dns " + name);
                        }

                        @Override
                        public void connectionReleased(Call call, Connection connection) {
                            events.add("released");
                        }

                        @Override
                        public void connectStart(Call call, InetSocketAddress address, java.net.Proxy proxy) {
                            events.add("connect");
                        }
                    })
                    .dns(name -> {
                        throw new UnknownHostException(name);
                    }));
            cluster.get("/");
            assertThat(events).containsExactly("dns orders.test", "connect", "released");
            events.clear();
            cluster.backend(0).answers(503, "busy");
            cluster.get("/");
            assertThat(events)
                    .containsExactly("released", "dns release-hop.invalid", "dns orders.test", "connect", "released");
        }
    }

    @Test
    @DisplayName("41: previous responses are closed, and OkHttp's leak detector, which would tell, is silent")
    void noLeaks() throws Exception {
        try (LeakLog log = new LeakLog();
                Cluster cluster = Cluster.inOrder(Transport.H1, 3)) {
            cluster.backend(0).answers(503, "x".repeat(1 << 20));
            cluster.backend(1).answers(429, "x".repeat(1 << 20));
            for (int i = 0; i < 30; i++) {
                assertThat(cluster.get("/")).isEqualTo("c");
            }
            System.gc();
            cluster.get("/");
            assertThat(log.leaks).isEmpty();

            abandon(cluster);
            Await.until("the leak detector has told", () -> {
                System.gc();
                try (Response response = cluster.call("/").execute()) {
                    return response.code() == 200 && !log.leaks.isEmpty();
                } catch (java.io.IOException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    private static void abandon(Cluster cluster) throws java.io.IOException {
        cluster.backend(2).answers(200, "x".repeat(1 << 20));
        cluster.call("/").execute();
        cluster.backend(2).answers(200, "c");
    }
}
