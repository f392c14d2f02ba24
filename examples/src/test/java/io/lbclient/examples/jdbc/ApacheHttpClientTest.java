package io.lbclient.examples.jdbc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.examples.Waiting;
import io.lbclient.health.HealthCheck;
import io.lbclient.net.BalancedSocketFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Apache HttpClient 5 on balanced sockets. */
@Timeout(120)
class ApacheHttpClientTest {
    private static final int CONNECTIONS = 8;

    private final List<HttpServer> servers = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch allHere = new CountDownLatch(CONNECTIONS);
    private ServerPool pool;
    private BalancedSocketFactory sockets;

    @BeforeEach
    void start() throws IOException {
        servers.add(server());
        servers.add(server());
        pool = Databases.alike("orders", HealthCheck.tcp(), of(servers.get(0)), of(servers.get(1)));
        sockets = BalancedSocketFactory.of(pool);
    }

    @AfterEach
    void stop() {
        sockets.close();
        pool.close();
        servers.forEach(server -> server.stop(0));
        threads.shutdownNow();
    }

    /** Answers with its port, and not before all connections are in use. */
    private HttpServer server() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            allHere.countDown();
            try {
                assertThat(allHere.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            byte[] body = String.valueOf(server.getAddress().getPort()).getBytes(US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static Server of(HttpServer server) {
        return Server.of("127.0.0.1", server.getAddress().getPort());
    }

    /** The client looks a name up before it asks for a socket: it is told any address, because the pool decides. */
    private static final class Anywhere implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) {
            return new InetAddress[] {InetAddress.getLoopbackAddress()};
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    private CloseableHttpClient client() {
        PoolingHttpClientConnectionManagerBuilder builder = new PoolingHttpClientConnectionManagerBuilder() {
            @Override
            protected HttpClientConnectionOperator createConnectionOperator(
                    SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
                return new DefaultHttpClientConnectionOperator(
                        proxy -> sockets.createSocket(),
                        ports,
                        names,
                        RegistryBuilder.<TlsSocketStrategy>create()
                                .register(URIScheme.HTTPS.id, tls)
                                .build());
            }
        };
        return HttpClients.custom()
                .setConnectionManager(builder.setDnsResolver(new Anywhere())
                        .setMaxConnPerRoute(CONNECTIONS)
                        .setMaxConnTotal(CONNECTIONS)
                        .build())
                .build();
    }

    private static int get(CloseableHttpClient client) {
        try {
            return client.execute(
                    new HttpGet("http://orders/"),
                    response -> Integer.parseInt(EntityUtils.toString(response.getEntity())));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void connectionsAreSpreadAndADeadServerIsPassedOver() throws Exception {
        try (CloseableHttpClient client = client()) {
            List<CompletableFuture<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                answers.add(CompletableFuture.supplyAsync(() -> get(client), threads));
                // Two picks at one moment may take the same server.
                int rest = CONNECTIONS - 1 - i;
                Waiting.until("the request has come to a server", () -> allHere.getCount() == rest);
            }
            Map<Integer, Integer> ports = new TreeMap<>();
            for (CompletableFuture<Integer> answer : answers) {
                ports.merge(answer.get(60, TimeUnit.SECONDS), 1, Integer::sum);
            }
            assertThat(ports).hasSize(2);
            assertThat(ports.values()).containsOnly(CONNECTIONS / 2);
            assertThat(Databases.spread(pool)).isEqualTo(ports);
        }
        assertThat(Databases.spread(pool).values()).containsOnly(0);

        int dead = servers.get(0).getAddress().getPort();
        servers.get(0).stop(0);
        try (CloseableHttpClient client = client()) {
            for (int i = 0; i < 4; i++) {
                assertThat(get(client)).isNotEqualTo(dead);
            }
        }
    }
}
