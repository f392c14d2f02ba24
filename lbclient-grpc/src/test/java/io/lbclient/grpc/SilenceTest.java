package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Status;
import io.lbclient.HealthMonitor;
import io.lbclient.HealthState;
import io.lbclient.Server;
import io.lbclient.ServerSnapshot;
import io.lbclient.balancer.Balancers;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Connections that are open and dead. */
class SilenceTest {
    private static CallOptions within(int millis) {
        return CallOptions.DEFAULT.withDeadlineAfter(millis, TimeUnit.MILLISECONDS);
    }

    private static Cluster behind(SilentProxy proxy) {
        Cluster cluster = Cluster.of(
                1,
                builder ->
                        builder.balancer(Balancers.roundRobin()).healthMonitors(HealthMonitor.consecutiveFailures(3)));
        cluster.pool.add(Server.of("127.0.0.1", proxy.port()).withId("silent"));
        return cluster;
    }

    /** Incident I15: packets are dropped without an end of the connection. */
    @Test
    void incidentI15CallsGoElsewhereAfterAFewTimeoutsWhenAConnectionFallsSilent() throws IOException {
        try (Backend backend = new Backend("silent");
                SilentProxy proxy = new SilentProxy(backend.port());
                Cluster cluster = behind(proxy)) {
            cluster.connect();
            cluster.awaitAnswersOf("a", "silent");
            proxy.silence();
            for (int i = 0; i < 30; i++) {
                String unused = cluster.tryCall(within(300));
            }
            ServerSnapshot silent = cluster.pool.snapshot().servers().get(1);
            // Three in a row eject it; after that a trial may fail now and then.
            assertThat(silent.failures()).isBetween(3L, 8L);
            assertThat(silent.state()).isEqualTo(HealthState.EJECTED);
            Await.until("nothing is in flight", () -> cluster.inFlight() == 0);
        }
    }

    /** Bug 37: a connection is half open, and nothing notices, because what would is stuck behind what is. */
    @Test
    void bug37AHalfOpenConnectionIsClosedByItsKeepAliveAndReplaced() throws IOException {
        try (Backend backend = new Backend(
                        "silent",
                        io.grpc.InsecureServerCredentials.create(),
                        builder -> builder.permitKeepAliveTime(1, TimeUnit.MILLISECONDS));
                SilentProxy proxy = new SilentProxy(backend.port());
                Cluster cluster = behind(proxy)) {
            cluster.connect(
                    GrpcOptions.defaults(),
                    // gRPC takes no less than 10 s between pings.
                    builder ->
                            builder.keepAliveTime(10, TimeUnit.SECONDS).keepAliveTimeout(200, TimeUnit.MILLISECONDS));
            cluster.awaitAnswersOf("a", "silent");
            cluster.backend(0).hangs();
            proxy.silence();
            // A call without a deadline would hang for ever.
            Running stuck = null;
            for (int i = 0; i < 4 && stuck == null; i++) {
                int hits = cluster.backend(0).hits();
                Running running = cluster.begin(Backend.UNARY, CallOptions.DEFAULT);
                if (cluster.inFlight(1) > 0) {
                    stuck = running;
                } else {
                    Await.until(
                            "the other server has it", () -> cluster.backend(0).hits() > hits);
                    running.call.cancel("not this one", null);
                }
            }
            assertThat(stuck).isNotNull();
            assertThat(stuck.await().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            cluster.backend(0).works();
            Await.until("the dead connection was closed", () -> proxy.closedByClient.get() == 1);
            cluster.awaitAnswersOf("silent");
            assertThat(proxy.accepted.get()).isGreaterThanOrEqualTo(2);
        }
    }
}
