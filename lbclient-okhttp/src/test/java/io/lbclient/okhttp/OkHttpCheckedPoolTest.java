package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.HealthCause;
import io.lbclient.HealthState;
import io.lbclient.ServerPool;
import io.lbclient.health.ActiveChecks;
import java.time.Duration;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A pool that has its servers checked through the client whose calls it balances. */
@Timeout(120)
class OkHttpCheckedPoolTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    private static String health(Transport transport) {
        return transport.scheme + "://" + Transport.SERVICE + "/health";
    }

    private static OkHttpClient client(Transport transport) {
        return transport.client().build();
    }

    private static ServerPool pool(Transport transport, OkHttpClient client, Backend... backends) {
        OkHttpCheck check = OkHttpCheck.of(
                client, new Request.Builder().url(health(transport)).build());
        return ServerPool.builder(Transport.SERVICE)
                .servers(List.of(backends).stream().map(Backend::asServer).toList())
                .balancer(Cluster.IN_ORDER)
                .healthMonitors(ActiveChecks.builder(check)
                        .interval(SHORT)
                        .timeout(Duration.ofMillis(400))
                        .build())
                .build();
    }

    private static HealthState state(ServerPool pool, int server) {
        return pool.snapshot().servers().get(server).state();
    }

    private static String picked(ServerPool pool) {
        try (Attempt attempt = pool.pick()) {
            return attempt.server().id();
        }
    }

    private static void stall(Backend backend) {
        backend.answers(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
    }

    @ParameterizedTest(name = "a server that hangs is taken out, gets no calls, and comes back [{0}]")
    @EnumSource
    void aServerThatHangs(Transport transport) throws Exception {
        OkHttpClient client = client(transport);
        try (Backend a = new Backend("a", transport);
                Backend b = new Backend("b", transport);
                ServerPool pool = pool(transport, client, a, b)) {
            stall(a);
            Await.until("a is out", () -> state(pool, 0) == HealthState.UNHEALTHY);
            assertThat(pool.snapshot().servers().get(0).causes()).containsExactly(HealthCause.ACTIVE_CHECK);
            // A first check, which connects, may take longer than it has time.
            Await.until("b is in", () -> state(pool, 1) == HealthState.HEALTHY);
            // A snapshot says so at once, a pick when the rebuild is in force: a call in between would hang until it
            // times out.
            Await.until("picks go by it", () -> picked(pool).equals("b"));
            OkHttpClient balanced = client.newBuilder()
                    .addInterceptor(LoadBalancingInterceptor.of(pool))
                    .build();
            Request request = new Request.Builder().url(health(transport)).build();
            try (Response response = balanced.newCall(request).execute()) {
                assertThat(response.body().string()).isEqualTo("b");
            }
            assertThat(pool.snapshot().servers())
                    .allSatisfy(s -> assertThat(s.inFlight()).isZero());

            a.answers(200, "a");
            Await.until("a is back", () -> state(pool, 0) == HealthState.HEALTHY);
        }
        client.connectionPool().evictAll();
    }

    @ParameterizedTest(name = "closing the pool ends a check that hangs [{0}]")
    @EnumSource
    void closing(Transport transport) {
        OkHttpClient client = client(transport);
        try (Backend a = new Backend("a", transport)) {
            stall(a);
            ServerPool pool = ServerPool.builder(Transport.SERVICE)
                    .servers(a.asServer())
                    .healthMonitors(ActiveChecks.builder(OkHttpCheck.of(
                                    client,
                                    new Request.Builder().url(health(transport)).build()))
                            .interval(SHORT)
                            .timeout(Duration.ofMinutes(10))
                            .build())
                    .build();
            Await.until("the check has asked", () -> a.hits() == 1);
            assertThat(client.dispatcher().runningCallsCount()).isEqualTo(1);
            pool.close();
            Await.until("the call has ended", () -> client.dispatcher().runningCallsCount() == 0);
            Await.until(
                    "its thread has ended",
                    () -> Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(thread -> thread.getName().equals("lbclient-" + Transport.SERVICE + "-check")));
        }
        client.connectionPool().evictAll();
    }
}
