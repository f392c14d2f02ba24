package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.failsafe.RetryPolicy;
import io.lbclient.retry.PerTryTimeout;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections whose other end has vanished without a word. */
@Timeout(120)
class HalfOpenConnectionTest {
    private static final Duration PING = Duration.ofSeconds(1);

    private static final Duration PER_TRY = Duration.ofMillis(100);

    private static OkHttpClient.Builder pinging(Cluster cluster) {
        return cluster.plain().pingInterval(PING).readTimeout(Duration.ofMinutes(10));
    }

    /** A clock on which the time of an attempt is over once it has been sent, if it is told so, and which stands still. */
    private static final class SendingTakesTooLong extends EventListener {
        final AtomicLong now = new AtomicLong();
        final AtomicBoolean next = new AtomicBoolean();

        @Override
        public void requestHeadersEnd(Call call, Request request) {
            if (next.compareAndSet(true, false)) {
                now.addAndGet(PER_TRY.toNanos());
            }
        }
    }

    @ParameterizedTest(
            name =
                    "I15: requests on a connection that fell silent go elsewhere within their time, it is closed, and the server is used by another one [{0}]")
    @EnumSource
    void silentConnectionIsReplaced(Transport transport) throws Exception {
        SendingTakesTooLong clock = new SendingTakesTooLong();
        try (Backend a = new Backend("a", transport);
                Backend b = new Backend("b", transport);
                Relay relay = new Relay(a.port());
                Cluster cluster = Cluster.with(
                        pool -> pool.servers(relay.asServer("a"), b.asServer()).ticker(clock.now::get), transport, 0)) {
            cluster.client = LoadBalancingInterceptor.builder()
                    .pool(cluster.pool)
                    .perTryTimeout(PerTryTimeout.of(PER_TRY))
                    // At once: the clock stands still.
                    .retry(RetryPolicy.<Response>builder()
                            .handle(IOException.class)
                            .build())
                    .build()
                    .install(pinging(cluster).eventListener(clock).build());
            assertThat(cluster.get("/")).isEqualTo("a");
            cluster.awaitIdle();
            int before = relay.connections();
            relay.silence();

            clock.next.set(true);
            assertThat(cluster.get("/rerouted")).isEqualTo("b");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactly("a SUCCESS", "a TIMEOUT", "b SUCCESS");
            Await.until("the client has closed what fell silent", relay::silentOnesAreClosed);

            assertThat(cluster.get("/")).as("the server is used again").isEqualTo("a");
            assertThat(relay.connections()).isGreaterThan(before);
            cluster.awaitIdle();
            cluster.awaitIdleConnections();
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
                Cluster cluster =
                        Cluster.behind(transport, List.of(relay.asServer("a")), new Backend("b", transport))) {
            cluster.client = cluster.interceptor.install(pinging(cluster).build());
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
