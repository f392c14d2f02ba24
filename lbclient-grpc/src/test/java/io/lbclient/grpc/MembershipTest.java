package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.Status;
import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Servers come and go. */
class MembershipTest {
    private static CallOptions patient() {
        return CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private static Cluster empty() {
        return Cluster.of(List.of(), builder -> builder.balancer(Balancers.roundRobin()));
    }

    @Test
    void aCallBeforeTheFirstServerIsKnownWaitsForIt() {
        try (Cluster cluster = empty().connect()) {
            Running call = cluster.begin(Backend.UNARY, patient());
            assertThat(call.end).isNotDone();
            cluster.add("a");
            assertThat(call.await().isOk()).isTrue();
            assertThat(call.messages).containsExactly("a");
        }
    }

    @Test
    void aCallFailsWhenNoServerBecomesKnownInTime() {
        try (Cluster cluster = empty().connect(GrpcOptions.builder()
                .discoveryTimeout(Duration.ofMillis(50))
                .build())) {
            Status status = cluster.fail(CallOptions.DEFAULT);
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(status.getDescription()).isEqualTo("orders: no servers");
            cluster.add("a");
            cluster.awaitAnswersOf("a");
        }
    }

    @Test
    void threeServersShareTheCallsEvenly() {
        try (Cluster cluster = Cluster.turns(3)) {
            cluster.awaitAnswersOf("a", "b", "c");
            assertThat(cluster.calls(300)).isEqualTo(Map.of("a", 100, "b", 100, "c", 100));
            assertThat(cluster.inFlight()).isZero();
        }
    }

    @Test
    void aServerThatIsRemovedUnderLoadCostsNoError() {
        try (Cluster cluster = Cluster.turns(3)) {
            cluster.awaitAnswersOf("a", "b", "c");
            Load load = Load.on(cluster);
            load.await(200);
            cluster.pool.remove("c");
            load.awaitTurnover();
            int hits = cluster.backend(2).hits();
            load.await(200);
            assertThat(cluster.backend(2).hits()).isEqualTo(hits);
            assertThat(load.end()).isEmpty();
        }
    }

    @Test
    void aRunningCallOfARemovedServerIsFinished() {
        try (Cluster cluster = Cluster.inOrder(2)) {
            cluster.connect(GrpcOptions.builder().removalLinger(Duration.ZERO).build());
            cluster.awaitAnswersOf("a");
            AtomicReference<Backend.Seen> stream = new AtomicReference<>();
            cluster.backend(0).answers(stream::set);
            Running running = cluster.begin(Backend.STREAM, patient());
            Await.until("the server has the call", () -> stream.get() != null);
            cluster.pool.remove("a");
            cluster.awaitAnswersOf("b");
            stream.get().reply("done");
            assertThat(running.await().isOk()).isTrue();
            assertThat(running.messages).containsExactly("done");
            Await.until(
                    "its connection is closed", () -> cluster.backend(0).open.get() == 0);
        }
    }

    @Test
    void aServerThatIsAddedJoins() {
        try (Cluster cluster = Cluster.turns(1)) {
            cluster.awaitAnswersOf("a");
            cluster.add("b");
            cluster.awaitAnswersOf("b");
        }
    }

    @Test
    void anEmptyListFailsCallsAndAFullOneHealsThem() {
        try (Cluster cluster = Cluster.turns(1)) {
            cluster.awaitAnswersOf("a");
            cluster.pool.update(List.of());
            // Calls fail at once; the channel is told the reason a moment after the pool.
            assertThat(cluster.fail(CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            Await.until(
                    "the failure says why",
                    () -> cluster.fail(CallOptions.DEFAULT).getDescription().equals("orders: no servers"));
            cluster.pool.update(List.of(cluster.backend(0).asServer()));
            cluster.awaitAnswersOf("a");
        }
    }

    @Test
    void anErrorOfTheDiscoveryKeepsTheServers() {
        AtomicReference<ServerDiscovery.Sink> sink = new AtomicReference<>();
        try (Backend backend = new Backend("a");
                Cluster cluster = Cluster.of(
                        List.of(),
                        builder -> builder.startUpWait(Duration.ZERO).discovery(to -> {
                            sink.set(to);
                            return () -> {};
                        }))) {
            cluster.connect();
            sink.get().update(List.of(backend.asServer()));
            cluster.awaitAnswersOf("a");
            sink.get().failed(new IllegalStateException("the registry is down"));
            assertThat(cluster.calls(20)).isEqualTo(Map.of("a", 20));
            assertThat(backend.connections.get()).isEqualTo(1);
        }
    }

    @Test
    void theSameListAgainReconnectsNothing() {
        try (Cluster cluster = Cluster.turns(2)) {
            cluster.awaitAnswersOf("a", "b");
            for (int i = 0; i < 20; i++) {
                cluster.pool.update(
                        cluster.backends.stream().map(Backend::asServer).toList());
                cluster.call();
            }
            assertThat(cluster.backends)
                    .allSatisfy(b -> assertThat(b.connections.get()).isEqualTo(1));
        }
    }

    @Test
    void anotherWeightOrTagReconnectsNothingAndIsInForce() {
        try (Cluster cluster = Cluster.of(2, builder -> builder.balancer(Balancers.weightedRoundRobin()))) {
            cluster.awaitAnswersOf("a", "b");
            cluster.pool.add(cluster.backend(0).asServer().withWeight(3).withTag("color", "blue"));
            assertThat(cluster.calls(100)).isEqualTo(Map.of("a", 75, "b", 25));
            assertThat(cluster.backend(0).connections.get()).isEqualTo(1);
        }
    }

    @Test
    void aServerOfTheSameIdAtAnotherPortGetsANewConnectionAndTheOldOneEnds() {
        try (Backend moved = new Backend("elsewhere");
                Cluster cluster = Cluster.turns(1)) {
            // Which is for servers that may come back to where they were.
            cluster.connect(
                    GrpcOptions.builder().removalLinger(Duration.ofHours(1)).build());
            cluster.awaitAnswersOf("a");
            cluster.pool.add(moved.asServer().withId("a"));
            cluster.awaitAnswersOf("elsewhere");
            assertThat(cluster.calls(20)).isEqualTo(Map.of("elsewhere", 20));
            assertThat(cluster.pool.snapshot().servers()).hasSize(1);
            Await.until(
                    "the old connection is closed",
                    () -> cluster.backend(0).open.get() == 0);
        }
    }

    @Test
    void gRpcAsksForAFreshListWhenAConnectionIsLost() {
        AtomicInteger hints = new AtomicInteger();
        try (Cluster cluster = Cluster.turns(2)) {
            cluster.connect(
                    GrpcOptions.builder().refreshHint(hints::incrementAndGet).build());
            cluster.awaitAnswersOf("a", "b");
            int before = hints.get();
            cluster.backend(0).kill();
            Await.until("a hint came", () -> hints.get() > before);
        }
    }

    @Test
    void aServerThatComesBackWithinTheLingerKeepsItsConnection() {
        try (Cluster cluster = Cluster.turns(2)) {
            cluster.connect(
                    GrpcOptions.builder().removalLinger(Duration.ofHours(1)).build());
            cluster.awaitAnswersOf("a", "b");
            for (int i = 0; i < 10; i++) {
                Server gone = cluster.backend(1).asServer();
                cluster.pool.remove("b");
                assertThat(cluster.calls(3)).isEqualTo(Map.of("a", 3));
                cluster.pool.add(gone);
                cluster.awaitAnswersOf("b");
            }
            assertThat(cluster.backend(1).connections.get()).isEqualTo(1);
        }
    }

    @Test
    void threeHundredServersThatJoinMakeFewPickers() {
        AtomicInteger pickers = new AtomicInteger();
        try (InProcess servers = new InProcess(300);
                ServerPool pool = ServerPool.builder("orders")
                        .servers(servers.asServers())
                        .balancer((candidates, previous) -> {
                            pickers.incrementAndGet();
                            return Balancers.roundRobin().picker(candidates, previous);
                        })
                        .build()) {
            servers.connect(pool, options -> options.joinDelay(Duration.ofMillis(200)));
            Await.until("all have answered", () -> {
                servers.call();
                return servers.answered() == 300;
            });
            assertThat(pickers.get()).isLessThan(60);
        }
    }

    @Test
    void connectionsPerServerOpensAsManyAndUsesThem() {
        try (Cluster cluster = Cluster.turns(1)) {
            cluster.connect(GrpcOptions.builder().connectionsPerServer(3).build());
            Await.until("three connections", () -> {
                cluster.call();
                return callsByConnection(cluster.backend(0)).size() == 3;
            });
            cluster.backend(0).seen.clear();
            assertThat(cluster.calls(30)).isEqualTo(Map.of("a", 30));
            assertThat(callsByConnection(cluster.backend(0)).values()).containsExactly(10L, 10L, 10L);
        }
    }

    private static Map<SocketAddress, Long> callsByConnection(Backend backend) {
        return backend.seen.stream()
                .map(seen -> seen.call().getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    @Test
    void aLazyChannelConnectsToWhatIsPicked() {
        try (Cluster cluster = Cluster.inOrder(3)) {
            cluster.connect(GrpcOptions.builder().lazyConnect(true).build());
            assertThat(cluster.calls(10)).isEqualTo(Map.of("a", 10));
            assertThat(cluster.backend(1).connections.get()).isZero();
            assertThat(cluster.backend(2).connections.get()).isZero();
            cluster.pool.remove("a");
            cluster.awaitAnswersOf("b");
        }
    }

    @Test
    void aLazyChannelIsIdleUntilItIsUsed() {
        GrpcOptions lazy = GrpcOptions.builder().lazyConnect(true).build();
        try (Socketless channel = new Socketless(2, true, lazy)) {
            assertThat(channel.state).isEqualTo(ConnectivityState.IDLE);
            assertThat(channel.dials).hasValue(0);
        }
    }

    @Test
    void aCallThatWaitsForAConnectionIsNotInFlight() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
                Cluster cluster =
                        empty().connect(GrpcOptions.builder().lazyConnect(true).build())) {
            cluster.pool.add(Server.of("127.0.0.1", mute.getLocalPort()).withId("mute"));
            Running waiting = cluster.begin(Backend.UNARY, patient());
            mute.setSoTimeout(20_000);
            try (Socket unused = mute.accept()) {
                Await.until("nothing is in flight", () -> cluster.inFlight() == 0);
                assertThat(waiting.end).isNotDone();
            }
        }
    }

    @Test
    void aThousandChangesOfMembershipASecondCostNoErrorAndTheSharesAreEvenAfterwards() {
        try (Cluster cluster = Cluster.turns(3)) {
            cluster.awaitAnswersOf("a", "b", "c");
            Load load = Load.on(cluster);
            for (int i = 0; i < 1000; i++) {
                cluster.pool.remove("b");
                Thread.onSpinWait();
                cluster.pool.add(cluster.backend(1).asServer());
            }
            load.await(100);
            assertThat(load.end()).isEmpty();
            // Lists are told in order: whoever knows the newcomer has heard of all changes before it.
            cluster.add("d");
            cluster.awaitAnswersOf("d").awaitAnswersOf("a", "b", "c");
            assertThat(cluster.calls(400)).isEqualTo(Map.of("a", 100, "b", 100, "c", 100, "d", 100));
            Await.until("nothing is in flight", () -> cluster.inFlight() == 0);
        }
    }

    /** Incident I17: connections that live long keep the load where it was. */
    @Test
    void incidentI17ServersThatAreAddedGetTheirShareThoughAllConnectionsLiveOn() {
        try (Cluster cluster = Cluster.turns(5)) {
            cluster.awaitAnswersOf("a", "b", "c", "d", "e");
            for (String name : List.of("f", "g", "h", "i", "j")) {
                cluster.add(name);
            }
            cluster.awaitAnswersOf("f", "g", "h", "i", "j");
            assertThat(cluster.calls(500))
                    .hasSize(10)
                    .allSatisfy((name, calls) -> assertThat(calls).isEqualTo(50));
            assertThat(cluster.backends)
                    .allSatisfy(b -> assertThat(b.connections.get()).isEqualTo(1));
        }
    }
}
