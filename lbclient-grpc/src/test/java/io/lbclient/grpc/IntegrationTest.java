package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.LoadBalancerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.routing.Destination;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How channels, pools and gRPC's own features live together. */
class IntegrationTest {
    private static String call(ManagedChannel channel) {
        return ClientCalls.blockingUnaryCall(
                channel, Backend.UNARY, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), "hello");
    }

    @Test
    void twoChannelsToServicesOfOneNameHaveEachItsOwnPool() {
        try (Cluster one = Cluster.turns(1);
                Cluster other = Cluster.of(java.util.List.of(new Backend("z")), builder -> builder)) {
            other.connect();
            assertThat(one.calls(10)).isEqualTo(Map.of("a", 10));
            assertThat(other.calls(10)).isEqualTo(Map.of("z", 10));
            assertThat(picks(one.pool)).isEqualTo(10);
            assertThat(picks(other.pool)).isEqualTo(10);
        }
    }

    private static long picks(ServerPool pool) {
        return pool.snapshot().servers().stream()
                .mapToLong(ServerSnapshot::picks)
                .sum();
    }

    @Test
    void channelsAndOtherClientsOfOnePoolShareItsFiguresAndHealth() {
        try (Cluster cluster = Cluster.of(
                2,
                builder -> builder.balancer(Cluster.IN_ORDER)
                        .healthMonitors(io.lbclient.HealthMonitor.consecutiveFailures(3)))) {
            cluster.awaitAnswersOf("a");
            ManagedChannel second = cluster.another(GrpcOptions.defaults(), builder -> builder);
            assertThat(call(second)).isIn("a", "b");
            long before = picks(cluster.pool);
            cluster.pool.pick().close();
            assertThat(picks(cluster.pool)).isEqualTo(before + 1);
            Await.until("no channel goes there", () -> {
                // Another client, such as one for HTTP, finds that the server is gone, and after each trial again.
                cluster.pool.attempt("a").complete(Outcome.CONNECT_FAILURE);
                return cluster.tryCall().equals("b") && call(second).equals("b");
            });
        }
    }

    @Test
    void anIdleChannelStartsAgainWithTheFiguresThatThePoolHas() {
        try (Cluster cluster = Cluster.turns(2)) {
            cluster.awaitAnswersOf("a", "b");
            for (int i = 0; i < 5; i++) {
                cluster.channel.enterIdle();
                Await.until("it is idle", () -> cluster.channel.getState(false) == ConnectivityState.IDLE);
                cluster.awaitAnswersOf("a", "b");
            }
            assertThat(picks(cluster.pool)).isGreaterThanOrEqualTo(12);
            Await.until(
                    "old connections are closed",
                    () -> cluster.backends.stream().allMatch(b -> b.open.get() == 1));
        }
    }

    @Test
    void aPoolOutlivesItsChannelsAndForgetsThem() {
        try (Cluster cluster = Cluster.turns(2)) {
            WeakReference<GrpcOptions> ended = optionsOfAnEndedChannel(cluster.pool);
            Await.until("nobody remembers the channel", () -> {
                System.gc();
                return ended.get() == null;
            });
            cluster.awaitAnswersOf("a", "b");
        }
    }

    private static boolean answered(ManagedChannel channel) {
        try {
            return Set.of("a", "b").contains(call(channel));
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    /** All that listens to a pool for a channel has its options. */
    private static WeakReference<GrpcOptions> optionsOfAnEndedChannel(ServerPool pool) {
        // The resolver is remembered for as long as this takes.
        GrpcOptions options =
                GrpcOptions.builder().discoveryTimeout(Duration.ofMillis(50)).build();
        ManagedChannel channel = GrpcLoadBalancing.channelBuilder(pool, InsecureChannelCredentials.create(), options)
                .build();
        // A call that waits when the time is over, because the list is late, fails.
        Await.until("it is answered", () -> answered(channel));
        channel.shutdownNow();
        Await.until("the channel has ended", channel::isTerminated);
        return new WeakReference<>(options);
    }

    @Test
    void aChannelOfItsOwnBuilderIsBoundAsWell() {
        try (Cluster cluster = Cluster.turns(2)) {
            ManagedChannel channel = GrpcLoadBalancing.bind(
                            NettyChannelBuilder.forTarget("lbclient:///orders").usePlaintext(), cluster.pool)
                    .build();
            try {
                assertThat(call(channel)).isIn("a", "b");
                assertThat(channel.authority()).isEqualTo("orders");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void aCallThatDidNotPassTheInterceptorIsCountedAsWell() {
        try (Cluster cluster = Cluster.turns(1)) {
            ManagedChannel channel = Grpc.newChannelBuilder(
                            GrpcLoadBalancing.target(cluster.pool), InsecureChannelCredentials.create())
                    .setNameResolverArg(
                            Keys.BINDING, new Keys.Binding(Destination.of(cluster.pool), GrpcOptions.defaults()))
                    .defaultLoadBalancingPolicy(GrpcLoadBalancing.POLICY)
                    .build();
            try {
                assertThat(call(channel)).isEqualTo("a");
                assertThat(cluster.trail()).containsExactly("a SUCCESS");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void serversWithoutSocketsAreReached() {
        try (InProcess servers = new InProcess(3);
                ServerPool pool = ServerPool.builder("orders")
                        .servers(servers.asServers())
                        .build()) {
            servers.connect(pool, options -> options);
            Await.until("all have answered", () -> {
                servers.call();
                return servers.answered() == 3;
            });
        }
    }

    @Test
    void theServersOfADnsTargetJoinThePool() {
        try (Backend backend = new Backend("a");
                ServerPool pool = ServerPool.builder("orders").build()) {
            ManagedChannel channel = GrpcLoadBalancing.bind(
                            Grpc.newChannelBuilder(
                                    "dns:///127.0.0.1:" + backend.port(), InsecureChannelCredentials.create()),
                            pool)
                    .build();
            assertThat(call(channel)).isEqualTo("a");
            assertThat(pool.snapshot().servers())
                    .extracting(s -> s.server().id())
                    .containsExactly("127.0.0.1:" + backend.port());
            assertThat(picks(pool)).isEqualTo(1);
            channel.shutdownNow();
            Await.until(
                    "they leave with the channel",
                    () -> pool.snapshot().servers().isEmpty());
        }
    }

    /** Finds no servers, and says why. */
    private static final class Broken extends NameResolverProvider {
        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 5;
        }

        @Override
        public String getDefaultScheme() {
            return "broken";
        }

        @Override
        public NameResolver newNameResolver(URI target, NameResolver.Args args) {
            return new NameResolver() {
                @Override
                public String getServiceAuthority() {
                    return "orders";
                }

                @Override
                public void start(Listener2 channel) {
                    channel.onError(Status.UNAVAILABLE.withDescription("the registry is down"));
                }

                @Override
                public void shutdown() {}
            };
        }
    }

    @Test
    void aCallFailsWithTheReasonWhenTheChannelsOwnResolverFindsNoServers() {
        NameResolverProvider broken = new Broken();
        NameResolverRegistry.getDefaultRegistry().register(broken);
        try (ServerPool pool = ServerPool.builder("orders").build()) {
            ManagedChannel channel = GrpcLoadBalancing.bind(
                            Grpc.newChannelBuilder("broken:///orders", InsecureChannelCredentials.create()), pool)
                    .build();
            assertThatThrownBy(() -> call(channel))
                    .hasMessageContaining("orders: no servers")
                    .hasMessageContaining("the registry is down");
            channel.shutdownNow();
        } finally {
            NameResolverRegistry.getDefaultRegistry().deregister(broken);
        }
    }

    @Test
    void aTargetWithoutAPoolIsRefusedWhenTheChannelIsBuilt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Grpc.newChannelBuilder("lbclient:///orders", InsecureChannelCredentials.create())
                        .build())
                .withMessageContaining("GrpcLoadBalancing.bind");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> {
                    try (ServerPool pool = ServerPool.builder("orders").build()) {
                        GrpcLoadBalancing.bind(
                                        Grpc.newChannelBuilder("lbclient:///", InsecureChannelCredentials.create()),
                                        pool)
                                .build();
                    }
                })
                .withMessageContaining("lbclient:///name");
    }

    @Test
    void aPolicyWithoutAPoolFailsCallsAndDoesNotPanic() {
        try (Backend backend = new Backend("a")) {
            ManagedChannel channel = Grpc.newChannelBuilder(
                            "dns:///127.0.0.1:" + backend.port(), InsecureChannelCredentials.create())
                    .defaultLoadBalancingPolicy("lbclient")
                    .build();
            try {
                call(channel);
                throw new AssertionError("was answered");
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(e.getStatus().getDescription()).contains("the channel has no pool");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void registeringTwiceChangesNothingAndTheServiceFilesAreThere() {
        for (int i = 0; i < 2; i++) {
            new Registered().check();
        }
        assertThat(java.util.ServiceLoader.load(io.grpc.LoadBalancerProvider.class))
                .anyMatch(PoolBalancerProvider.class::isInstance);
        assertThat(java.util.ServiceLoader.load(io.grpc.NameResolverProvider.class))
                .anyMatch(PoolResolverProvider.class::isInstance);
    }

    private static final class Registered {
        void check() {
            try (ServerPool pool = ServerPool.builder("orders").build()) {
                GrpcLoadBalancing.channelBuilder(pool, InsecureChannelCredentials.create());
                assertThat(LoadBalancerRegistry.getDefaultRegistry().getProvider("lbclient"))
                        .isInstanceOf(PoolBalancerProvider.class);
                assertThat(NameResolverRegistry.getDefaultRegistry().getDefaultScheme())
                        .isEqualTo("dns");
            }
        }
    }

    @Test
    void theTargetHasThePoolsNameWithWhatAUriDoesNotAllowEncoded() {
        try (ServerPool plain = ServerPool.builder("orders").build();
                ServerPool odd = ServerPool.builder("a%b/?c").build()) {
            assertThat(GrpcLoadBalancing.target(plain)).isEqualTo("lbclient:///orders");
            assertThat(GrpcLoadBalancing.target(odd)).isEqualTo("lbclient:///a%25b%2F%3Fc");
            GrpcLoadBalancing.channelBuilder(odd, InsecureChannelCredentials.create())
                    .build()
                    .shutdownNow();
        }
    }

    @Test
    void settingsAreRefusedWhereTheyAreGiven() {
        GrpcOptions.Builder builder = GrpcOptions.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.connectionsPerServer(0))
                .withMessage("connectionsPerServer: 0 (expected: 1 to 100)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.discoveryTimeout(Duration.ZERO))
                .withMessage("discoveryTimeout: PT0S (expected: > 0 and at most PT24H)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.removalLinger(Duration.ofSeconds(-1)))
                .withMessage("removalLinger: PT-1S (expected: >= 0 and at most PT24H)");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.keyFromHeader("key-bin"));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.keyFromHeader("two words"));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.reconnectWithin(Duration.ofDays(2)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.sessionWait(Duration.ofDays(2)));
    }
}
