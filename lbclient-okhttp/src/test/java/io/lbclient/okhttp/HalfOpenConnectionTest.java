package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.retry.PerTryTimeout;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections whose other end has vanished without a word. */
@Timeout(60)
class HalfOpenConnectionTest {
    private static final Duration PING = Duration.ofSeconds(1);

    /** So much shorter than two pings that an attempt runs into it first. */
    private static final Duration PER_TRY = Duration.ofMillis(400);

    /** Server a behind the relay, then server b. */
    private static Cluster cluster(Transport transport, Relay relay, boolean perTry) {
        Cluster cluster = Cluster.behind(transport, List.of(relay.asServer("a")), new Backend("b", transport));
        LoadBalancingInterceptor.Builder settings =
                LoadBalancingInterceptor.builder().pool(cluster.pool);
        if (perTry) {
            settings.perTryTimeout(PerTryTimeout.of(PER_TRY));
        }
        cluster.client = settings.build()
                .install(cluster.plain()
                        .pingInterval(PING)
                        .readTimeout(Duration.ofMinutes(10))
                        .build());
        return cluster;
    }

    @ParameterizedTest(
            name =
                    "I15: requests on a connection that fell silent go elsewhere within their time, it is closed, and the server is used by another one [{0}]")
    @EnumSource
    void silentConnectionIsReplaced(Transport transport) throws Exception {
        try (Backend a = new Backend("a", transport);
                Relay relay = new Relay(a.port());
                Cluster cluster = cluster(transport, relay, true)) {
            // The first connection may take longer than an attempt may.
            Await.until("the connection is there", () -> getQuietly(cluster).equals("a"));
            cluster.awaitIdle();
            int before = relay.connections();
            relay.silence();
            int warm = cluster.endings.size();

            assertThat(cluster.get("/rerouted")).isEqualTo("b");
            cluster.awaitIdle();
            assertThat(cluster.trail().subList(warm, warm + 2)).containsExactlyInAnyOrder("a TIMEOUT", "b SUCCESS");
            Await.until("the client has closed what fell silent", relay::silentOnesAreClosed);

            Await.until("the server is used again", () -> getQuietly(cluster).equals("a"));
            assertThat(relay.connections()).isGreaterThan(before);
            cluster.awaitIdle();
            cluster.awaitIdleConnections();
        }
    }

    private static String getQuietly(Cluster cluster) {
        try {
            return cluster.get("/");
        } catch (IOException e) {
            throw new AssertionError("a user saw it", e);
        }
    }

    @ParameterizedTest(
            name =
                    "I15: over HTTP/2, pings end what waits on a silent connection, though nothing else has a time limit: a POST fails, a GET moves on [{0}]")
    @EnumSource(names = {"H2", "H2C"})
    void pingsEndWhatWaits(Transport transport) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (Backend a = new Backend("a", transport);
                Relay relay = new Relay(a.port());
                Cluster cluster = cluster(transport, relay, false)) {
            a.answers(request -> {
                Await.released(never);
                return Backend.text(200, "a");
            });
            CompletableFuture<IOException> post = Enqueued.failure(cluster.post("/", "once"));
            CompletableFuture<String> get = Enqueued.text(cluster.call("/"));
            Await.until("the server has both", () -> a.hits() == 2);
            relay.silence();

            assertThat(post.get(20, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
            assertThat(get.get(20, TimeUnit.SECONDS)).isEqualTo("b");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactlyInAnyOrder("a FAILURE", "a FAILURE", "b SUCCESS");
            never.countDown();
        }
    }

    @Test
    @DisplayName("I15: install lets connections be pinged every 5 s, unless the client has an interval of its own")
    void installPings() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            OkHttpClient plain = new OkHttpClient();

            assertThat(cluster.interceptor.install(plain).pingIntervalMillis()).isEqualTo(5000);
            assertThat(plain.pingIntervalMillis()).isZero();
            OkHttpClient own =
                    plain.newBuilder().pingInterval(Duration.ofSeconds(42)).build();
            assertThat(cluster.interceptor.install(own).pingIntervalMillis()).isEqualTo(42_000);
        }
    }
}
