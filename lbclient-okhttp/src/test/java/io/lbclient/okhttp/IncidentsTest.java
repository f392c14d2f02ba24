package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.HealthState;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What has happened to others, at a client of OkHttp. */
@Timeout(120)
class IncidentsTest {
    private static Request get() {
        return new Request.Builder().url("https://" + Transport.SERVICE + "/").build();
    }

    private static Request post() {
        return get().newBuilder().post(RequestBody.create("a secret", null)).build();
    }

    /** Incident I16: an address is taken over by a server of another service, while connections to it are in the pool. */
    @ParameterizedTest
    @EnumSource(names = {"H1_TLS", "H2"})
    void incidentI16AnAddressThatAnotherServiceTakesOverIsEjectedAndGetsNoRequest(Transport transport)
            throws Exception {
        int port = Ports.reusable();
        Backend right = new Backend("right", transport, "127.0.0.1", port);
        try (Backend other = new Backend("other", transport);
                ServerPool pool = ServerPool.builder(Transport.SERVICE)
                        .servers(other.asServer(), right.asServer())
                        .balancer(Balancers.roundRobin())
                        .build()) {
            OkHttpClient client = LoadBalancingInterceptor.of(pool)
                    .install(transport
                            .client()
                            .connectTimeout(20, TimeUnit.SECONDS)
                            .build());
            for (int i = 0; i < 10; i++) {
                Cluster.text(client.newCall(post()));
            }
            assertThat(right.hits()).isEqualTo(5);
            right.close();
            var foreign = Transport.certificateFor("billing.test").sslSocketFactory();
            try (Backend wrong = new Backend("wrong", transport, "127.0.0.1", port, foreign)) {
                Await.until("it is ejected", () -> {
                    // A GET, since a POST is an error on a connection that dies just when it goes out.
                    assertThat(Enqueued.text(client.newCall(get())))
                            .succeedsWithin(Duration.ofSeconds(20))
                            .isEqualTo("other");
                    return pool.snapshot().servers().get(1).state() == HealthState.EJECTED;
                });
                for (int i = 0; i < 100; i++) {
                    assertThat(Cluster.text(client.newCall(post()))).isEqualTo("other");
                }
                assertThat(wrong.hits()).isZero();
            }
            client.dispatcher().executorService().shutdown();
            client.connectionPool().evictAll();
        }
    }

    /** Incident I17: connections that live long keep the load where it was. */
    @ParameterizedTest
    @EnumSource
    void incidentI17ServersThatAreAddedGetTheirShareThoughAllConnectionsLiveOn(Transport transport) throws Exception {
        Backend[] all = Cluster.backends(transport, 10);
        try (Cluster cluster = Cluster.of(transport, Balancers.roundRobin(), all)) {
            List.of(all).subList(5, 10).forEach(b -> cluster.pool.remove(b.name));
            assertThat(calls(cluster, 100))
                    .hasSize(5)
                    .allSatisfy((name, n) -> assertThat(n).isEqualTo(20));
            List.of(all).subList(5, 10).forEach(b -> cluster.pool.add(b.asServer()));
            assertThat(calls(cluster, 200))
                    .hasSize(10)
                    .allSatisfy((name, n) -> assertThat(n).isEqualTo(20));
            assertThat(Stream.of(all).map(Backend::connections)).containsOnly(1);
        }
    }

    private static Map<String, Integer> calls(Cluster cluster, int count) throws Exception {
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            answers.merge(cluster.get("/"), 1, Integer::sum);
        }
        return answers;
    }
}
