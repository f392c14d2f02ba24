package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.lbclient.HealthMonitor;
import io.lbclient.HealthState;
import io.lbclient.balancer.Balancers;
import io.lbclient.health.ActiveChecks;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Servers say by gRPC's own health service whether they serve. */
class HealthServiceTest {
    private static final HealthMonitor CHECK = ActiveChecks.builder(GrpcCheck.of(InsecureChannelCredentials.create()))
            .interval(Duration.ofMillis(20))
            .timeout(Duration.ofSeconds(5))
            .unhealthyThreshold(1)
            .healthyThreshold(1)
            .build();
    private static final HealthMonitor WATCH = GrpcWatch.of(InsecureChannelCredentials.create());

    private final HealthStatusManager health = new HealthStatusManager();

    /** The first of two servers has the health service. */
    private Cluster cluster(HealthMonitor monitor) {
        Backend telling = new Backend(
                "a", InsecureServerCredentials.create(), builder -> builder.addService(health.getHealthService()));
        return Cluster.of(
                        List.of(telling, new Backend("b")),
                        builder -> builder.balancer(Balancers.roundRobin()).healthMonitors(monitor))
                .connect()
                .awaitAnswersOf("b");
    }

    private static void awaitState(Cluster cluster, HealthState state) {
        Await.until(
                "the server is " + state,
                () -> cluster.pool.snapshot().servers().get(0).state() == state);
    }

    private void comesAndGoes(HealthMonitor monitor) {
        try (Cluster cluster = cluster(monitor)) {
            health.setStatus("", ServingStatus.NOT_SERVING);
            awaitState(cluster, HealthState.UNHEALTHY);
            Await.until("it is not picked", () -> cluster.calls(20).equals(Map.of("b", 20)));
            assertThat(cluster.pool.snapshot().servers().get(0).detail()).contains("NOT_SERVING");
            health.setStatus("", ServingStatus.SERVING);
            awaitState(cluster, HealthState.HEALTHY);
            cluster.awaitAnswersOf("a");
            // The one without the service is taken for healthy.
            assertThat(cluster.pool.snapshot().servers().get(1).state()).isEqualTo(HealthState.HEALTHY);
        }
    }

    @Test
    void aServerThatSaysInACheckThatItDoesNotServeIsOutUntilItDoes() {
        comesAndGoes(CHECK);
    }

    @Test
    void aServerThatTellsAWatchThatItDoesNotServeIsOutUntilItDoes() {
        comesAndGoes(WATCH);
    }

    @Test
    void aServerWhoseWatchBreaksIsOutUntilItIsBack() {
        try (Cluster cluster = cluster(WATCH)) {
            cluster.backend(0).kill();
            awaitState(cluster, HealthState.UNHEALTHY);
            cluster.backend(0).restart();
            awaitState(cluster, HealthState.HEALTHY);
            cluster.awaitAnswersOf("a");
        }
    }

    @Test
    void oneServiceOfAServerIsAskedForByItsName() {
        for (String name : List.of("orders.Orders", "orders.Orders".repeat(20))) {
            try (Cluster cluster =
                    cluster(GrpcWatch.of(HealthService.channels(InsecureChannelCredentials.create()), name))) {
                // Not known to the server yet.
                awaitState(cluster, HealthState.UNHEALTHY);
                health.setStatus(name, ServingStatus.SERVING);
                awaitState(cluster, HealthState.HEALTHY);
            }
        }
    }

    @Test
    void aFieldOfALaterVersionIsPassedOver() {
        byte[] servingAndMore = {1 << 3, HealthService.SERVING, 2 << 3, 7};
        assertThat(HealthService.CHECK.parseResponse(new ByteArrayInputStream(servingAndMore)))
                .isEqualTo(HealthService.SERVING);
    }

    @Test
    void aWatchClosesItsConnectionWithoutAHealthServiceAndWhenItsServerLeavesAndWithThePool() {
        Backend telling = new Backend(
                "a", InsecureServerCredentials.create(), builder -> builder.addService(health.getHealthService()));
        Backend silent = new Backend("b");
        try (Cluster cluster = Cluster.of(List.of(telling, silent), builder -> builder.healthMonitors(WATCH))) {
            Await.until("both were asked", () -> telling.open.get() == 1 && silent.connections.get() == 1);
            Await.until("nothing is to be heard there", () -> silent.open.get() == 0);
            cluster.pool.remove("a");
            Await.until("the server has left", () -> telling.open.get() == 0);
            cluster.pool.add(telling.asServer());
            Await.until("it is watched again", () -> telling.open.get() == 1);
            cluster.pool.close();
            Await.until("the pool is closed", () -> telling.open.get() == 0);
        }
    }
}
