package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.Status;
import io.lbclient.Failover;
import io.lbclient.HealthMonitor;
import io.lbclient.HealthState;
import io.lbclient.PoolListener;
import io.lbclient.PoolSnapshot;
import io.lbclient.Server;
import io.lbclient.balancer.Balancers;
import io.lbclient.health.ActiveChecks;
import io.lbclient.health.HealthCheck;
import io.lbclient.health.SlowStart;
import io.lbclient.retry.ConcurrencyLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Servers fail and heal, and the pool says who may be picked. */
class HealthTest {
    private static CallOptions patient() {
        return CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    /** A pool with the default detector. */
    private static Cluster detecting(int size) {
        return Cluster.of(
                size,
                builder ->
                        builder.balancer(Balancers.roundRobin()).healthMonitors(HealthMonitor.consecutiveFailures(5)));
    }

    /** A pool whose servers are well as long as they are in the set. */
    private static Cluster checked(int size, Set<String> well) {
        return checked(size, well, Failover.DEFAULT.failingInPanic());
    }

    private static Cluster checked(int size, Set<String> well, Failover failover) {
        return Cluster.of(
                size,
                builder -> builder.balancer(Balancers.roundRobin())
                        .failover(failover)
                        .healthMonitors(ActiveChecks.builder(HealthCheck.of(server -> well.contains(server.id())))
                                .interval(Duration.ofMillis(20))
                                .timeout(Duration.ofSeconds(20))
                                .jitterPercent(0)
                                .unhealthyThreshold(1)
                                .healthyThreshold(1)
                                .build()));
    }

    private static Set<String> names(String... names) {
        Set<String> set = ConcurrentHashMap.newKeySet();
        set.addAll(List.of(names));
        return set;
    }

    private static HealthState state(Cluster cluster, int i) {
        return cluster.pool.snapshot().servers().get(i).state();
    }

    @Test
    void aKilledServerCostsAtMostWhatItHadInFlightAndItsReturnIsNoticed() {
        try (Cluster cluster = detecting(3)) {
            cluster.awaitAnswersOf("a", "b", "c");
            Load load = Load.on(cluster);
            load.await(100);
            cluster.backend(1).kill();
            load.await(300);
            // One for each thread of the load.
            assertThat(load.failed()).isLessThanOrEqualTo(3);
            assertThat(cluster.calls(30)).containsOnlyKeys("a", "c");
            Await.until("it is ejected", () -> state(cluster, 1) == HealthState.EJECTED);

            cluster.backend(1).restart();
            Await.until("it is healthy again", () -> state(cluster, 1) == HealthState.HEALTHY);
            cluster.awaitAnswersOf("b");
            assertThat(load.end()).hasSizeLessThanOrEqualTo(3);
        }
    }

    @Test
    void aServerThatStopsWithGoAwayUnderLoadCostsNoError() {
        try (Cluster cluster = detecting(3)) {
            cluster.awaitAnswersOf("a", "b", "c");
            Load load = Load.on(cluster);
            load.await(100);
            for (Backend backend : cluster.backends) {
                backend.stop();
                backend.awaitEnd();
                backend.restart();
                int before = backend.hits();
                Await.until("it is used again", () -> backend.hits() > before + 10);
            }
            load.await(100);
            assertThat(load.end()).isEmpty();
        }
    }

    @Test
    void anUnhealthyServerLeavesThePicksAtOnceAndKeepsItsConnection() {
        try (Cluster cluster = Cluster.turns(2)) {
            cluster.awaitAnswersOf("a", "b");
            cluster.pool.operator("anna").disable("a");
            assertThat(cluster.calls(20)).isEqualTo(Map.of("b", 20));
            cluster.pool.operator("anna").enable("a");
            assertThat(cluster.calls(20)).isEqualTo(Map.of("a", 10, "b", 10));
            assertThat(cluster.backend(0).connections.get()).isEqualTo(1);
        }
    }

    @Test
    void whenAllAreUnhealthyCallsFailWithTheCounts() {
        try (Cluster cluster = checked(3, names())) {
            Await.until(
                    "all are out", () -> cluster.tryCall(CallOptions.DEFAULT).equals("UNAVAILABLE"));
            Await.until("all are known to be out", () -> cluster.pool.snapshot().eligible() == 0);
            Await.until(
                    "the failure tells the counts",
                    () -> cluster.fail(CallOptions.DEFAULT).getDescription().contains("3 servers: 3 UNHEALTHY"));
            assertThat(cluster.fail(CallOptions.DEFAULT).getDescription()).startsWith("orders");
        }
    }

    @Test
    void whenAllAreUnhealthyACallThatWaitsForReadyIsSentWhenOneIsWell() {
        Set<String> well = names();
        try (Cluster cluster = checked(2, well)) {
            Await.until(
                    "all are out", () -> cluster.tryCall(CallOptions.DEFAULT).equals("UNAVAILABLE"));
            Running call = cluster.begin(Backend.UNARY, patient().withWaitForReady());
            assertThat(call.end).isNotDone();
            well.add("b");
            assertThat(call.await().isOk()).isTrue();
            assertThat(call.messages).containsExactly("b");
        }
    }

    @Test
    void theDeadlineOfACallThatWaitedForReadyTellsWhyNobodyWasPicked() {
        assumeTrue(Versions.atLeast(75), "older versions of gRPC do not tell");
        try (Cluster cluster = checked(2, names())) {
            Await.until(
                    "all are known to be out",
                    () -> cluster.tryCall(CallOptions.DEFAULT).equals("UNAVAILABLE")
                            && cluster.pool.snapshot().eligible() == 0);
            Await.until(
                    "the deadline names the counts",
                    () -> cluster.fail(CallOptions.DEFAULT
                                    .withWaitForReady()
                                    .withDeadlineAfter(100, TimeUnit.MILLISECONDS))
                            .getDescription()
                            .contains("2 servers: 2 UNHEALTHY"));
        }
    }

    @Test
    void inPanicBadServersAreBetterThanNone() {
        Set<String> well = names("a", "b");
        try (Cluster cluster = checked(2, well, Failover.DEFAULT)) {
            cluster.awaitAnswersOf("a", "b");
            // Told when the picks go by it; the snapshot has the states before that.
            AtomicBoolean panic = new AtomicBoolean();
            cluster.pool.addListener(new PoolListener() {
                @Override
                public void panicChanged(PoolSnapshot snapshot, Set<Integer> tiers) {
                    panic.set(!tiers.isEmpty());
                }
            });
            well.clear();
            Await.until(
                    "all are out", () -> panic.get() && cluster.pool.snapshot().eligible() == 0);
            assertThat(cluster.calls(20)).containsOnlyKeys("a", "b");
        }
    }

    @Test
    void aServerThatIsWellAgainIsConnectedToWithoutWaitingForTheBackOff() {
        // Nothing but its health can bring it back: the time to the next try is longer than this test.
        GrpcOptions options =
                GrpcOptions.builder().reconnectWithin(Duration.ofHours(1)).build();
        try (Socketless channel = new Socketless(1, false, options)) {
            String id = channel.pool.snapshot().servers().get(0).server().id();
            channel.pool.operator("anna").disable(id);
            channel.reachable = true;
            assertThat(channel.dials).hasValue(1);
            channel.pool.operator("anna").enable(id);
            Await.until("it is connected to again", () -> channel.dials.get() == 2);
            Await.until("it is picked", () -> channel.picker instanceof PoolPicker);
        }
    }

    @Test
    void aServerThatAcceptsAndNeverSpeaksHoldsUpNobody() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
                Cluster cluster = Cluster.turns(2)) {
            cluster.pool.add(Server.of("127.0.0.1", mute.getLocalPort()).withId("mute"));
            cluster.connect();
            cluster.awaitAnswersOf("a", "b");
            assertThat(cluster.calls(100)).isEqualTo(Map.of("a", 50, "b", 50));
        }
    }

    @Test
    void aServerThatIsBeingConnectedToIsNotWaitedForWhenTheOthersAreFull() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
                Cluster cluster = Cluster.of(1, builder -> builder.healthMonitors(ConcurrencyLimits.fixed(1)))) {
            cluster.awaitAnswersOf("a");
            cluster.backend(0).hangs();
            Running holding = cluster.begin(Backend.UNARY, CallOptions.DEFAULT);
            cluster.pool.add(Server.of("127.0.0.1", mute.getLocalPort()).withId("mute"));
            mute.setSoTimeout(20_000);
            try (Socket unused = mute.accept()) {
                assertThat(cluster.fail(patient()).getDescription()).contains("no server has room");
            }
            holding.call.cancel("enough", null);
        }
    }

    @Test
    void whenNobodyCanBeConnectedToTheFailureNamesTheCause() {
        try (Cluster cluster = detecting(2)) {
            cluster.awaitAnswersOf("a", "b");
            cluster.backends.forEach(Backend::kill);
            Await.until("the cause is named", () -> {
                Status status = status(cluster);
                return status.getCode() == Status.Code.UNAVAILABLE
                        && String.valueOf(status.getDescription()).contains("last connection error")
                        && status.getDescription().contains("2 not connected")
                        && status.getCause() != null;
            });
            cluster.backends.forEach(Backend::restart);
            cluster.awaitAnswersOf("a", "b");
        }
    }

    private static Status status(Cluster cluster) {
        return cluster.begin(Backend.UNARY, CallOptions.DEFAULT).await();
    }

    @Test
    void theStateOfTheChannelFollowsTheHealthOfThePool() {
        Set<String> well = names("a");
        try (Cluster cluster = checked(1, well)) {
            cluster.awaitAnswersOf("a");
            assertThat(cluster.channel.getState(false)).isEqualTo(ConnectivityState.READY);
            well.remove("a");
            awaitState(cluster, ConnectivityState.TRANSIENT_FAILURE);
            well.add("a");
            awaitState(cluster, ConnectivityState.READY);
            assertThat(cluster.backend(0).connections.get()).isEqualTo(1);
        }
    }

    private static void awaitState(Cluster cluster, ConnectivityState state) {
        Await.until("the channel is " + state, () -> cluster.channel.getState(false) == state);
    }

    @Test
    void aStandbyStepsInAsFarAsTheFirstTierCannotBeConnectedTo() {
        try (Cluster cluster = detecting(4)) {
            cluster.pool.add(cluster.backend(3).asServer().withTier(1));
            Await.until(
                    "the first tier has all calls",
                    () -> cluster.calls(30).keySet().equals(Set.of("a", "b", "c")));
            cluster.backend(0).kill();
            cluster.backend(1).kill();
            // One of three with an overprovisioning of 1.4 is 46 percent.
            Await.until("both serve", () -> {
                Map<String, Integer> answers = cluster.calls(40);
                return answers.keySet().equals(Set.of("c", "d")) && answers.get("d") > 8 && answers.get("c") > 8;
            });
            cluster.backend(2).kill();
            Await.until("the standby has all calls", () -> cluster.calls(20).equals(Map.of("d", 20)));
            for (int i = 0; i < 3; i++) {
                cluster.backend(i).restart();
            }
            Await.until(
                    "the first tier has all calls",
                    () -> cluster.calls(30).keySet().equals(Set.of("a", "b", "c")));
        }
    }

    @Test
    void slowStartHoldsForGrpcToo() {
        AtomicLong ahead = new AtomicLong();
        try (Cluster cluster = Cluster.of(
                1,
                builder -> builder.balancer(Balancers.roundRobin())
                        .ticker(() -> System.nanoTime() + ahead.get())
                        .healthMonitors(SlowStart.over(Duration.ofMinutes(10))))) {
            cluster.awaitAnswersOf("a");
            ahead.set(TimeUnit.MINUTES.toNanos(20));
            cluster.add("b");
            cluster.awaitAnswersOf("b");
            // Its share begins with a tenth of what is its due.
            assertThat(cluster.calls(200).get("a")).isGreaterThan(160);
        }
    }

    @Test
    void gRpcsOwnOutlierDetectionWorksAroundThisPolicy() {
        try (Cluster cluster = Cluster.turns(3)) {
            cluster.connect(
                    GrpcOptions.defaults(),
                    builder -> builder.defaultServiceConfig(Map.of(
                            "loadBalancingConfig",
                            List.of(Map.of(
                                    "outlier_detection_experimental",
                                    Map.of(
                                            "interval",
                                            "0.2s",
                                            "maxEjectionPercent",
                                            50.0,
                                            "failurePercentageEjection",
                                            Map.of(
                                                    "threshold", 50.0,
                                                    "enforcementPercentage", 100.0,
                                                    "minimumHosts", 3.0,
                                                    "requestVolume", 1.0),
                                            "childPolicy",
                                            List.of(Map.of("lbclient", Map.of()))))))));
            cluster.awaitAnswersOf("a", "b", "c");
            cluster.backend(0).fails(Status.UNAVAILABLE);
            Await.until("it is ejected", () -> cluster.calls(30).equals(Map.of("b", 15, "c", 15)));
        }
    }
}
