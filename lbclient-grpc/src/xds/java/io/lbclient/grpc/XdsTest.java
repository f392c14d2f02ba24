package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A control plane names this policy, and its endpoints become the servers of the pool. */
class XdsTest {
    private static final String CLUSTER = "orders-cluster";
    private static final String BOOTSTRAP =
            """
            {"xds_servers": [{"server_uri": "127.0.0.1:%d", "channel_creds": [{"type": "insecure"}],
             "server_features": ["xds_v3"]}], "node": {"id": "test"}}""";

    private static Listener listener() {
        RouteConfiguration routes = RouteConfiguration.newBuilder()
                .setName("routes")
                .addVirtualHosts(VirtualHost.newBuilder()
                        .setName("all")
                        .addDomains("*")
                        .addRoutes(Route.newBuilder()
                                .setMatch(RouteMatch.newBuilder().setPrefix(""))
                                .setRoute(RouteAction.newBuilder().setCluster(CLUSTER))))
                .build();
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setRouteConfig(routes)
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("router")
                        .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
        return Listener.newBuilder()
                .setName("orders")
                .setApiListener(ApiListener.newBuilder().setApiListener(Any.pack(manager)))
                .build();
    }

    private static io.envoyproxy.envoy.config.cluster.v3.Cluster cluster() {
        TypedStruct policy =
                TypedStruct.newBuilder().setTypeUrl("type.googleapis.com/lbclient").build();
        return io.envoyproxy.envoy.config.cluster.v3.Cluster.newBuilder()
                .setName(CLUSTER)
                .setType(DiscoveryType.EDS)
                .setEdsClusterConfig(EdsClusterConfig.newBuilder()
                        .setEdsConfig(ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance())))
                .setLoadBalancingPolicy(LoadBalancingPolicy.newBuilder()
                        .addPolicies(LoadBalancingPolicy.Policy.newBuilder()
                                .setTypedExtensionConfig(TypedExtensionConfig.newBuilder()
                                        .setName("lbclient")
                                        .setTypedConfig(Any.pack(policy)))))
                .build();
    }

    private static ClusterLoadAssignment endpoints(Map<Backend, HealthStatus> backends) {
        LocalityLbEndpoints.Builder locality = LocalityLbEndpoints.newBuilder()
                .setLocality(Locality.newBuilder().setRegion("here").setZone("one"))
                .setLoadBalancingWeight(UInt32Value.of(1));
        backends.forEach((backend, health) -> locality.addLbEndpoints(LbEndpoint.newBuilder()
                .setHealthStatus(health)
                .setEndpoint(Endpoint.newBuilder()
                        .setAddress(Address.newBuilder()
                                .setSocketAddress(SocketAddress.newBuilder()
                                        .setAddress("127.0.0.1")
                                        .setPortValue(backend.port()))))));
        return ClusterLoadAssignment.newBuilder()
                .setClusterName(CLUSTER)
                .addEndpoints(locality)
                .build();
    }

    private final SimpleCache<String> cache = new SimpleCache<>(node -> "all");
    private int version;

    private void publish(Map<Backend, HealthStatus> backends) {
        cache.setSnapshot(
                "all",
                Snapshot.create(
                        List.of(cluster()),
                        List.of(endpoints(backends)),
                        List.of(listener()),
                        List.of(),
                        List.of(),
                        String.valueOf(++version)));
    }

    private static Set<String> answers(ManagedChannel channel) {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 12; i++) {
            try {
                names.add(ClientCalls.blockingUnaryCall(
                        channel,
                        Backend.UNARY,
                        CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                        "hello"));
            } catch (StatusRuntimeException e) {
                names.add(e.getStatus().toString());
            }
        }
        return names;
    }

    @Test
    void endpointsOfAControlPlaneJoinLeaveAndOutliveIt() throws Exception {
        io.grpc.Server plane = NettyServerBuilder.forPort(0)
                .addService(new V3DiscoveryServer(cache).getAggregatedDiscoveryServiceImpl())
                .build()
                .start();
        System.setProperty("io.grpc.xds.bootstrapConfig", BOOTSTRAP.formatted(plane.getPort()));
        try (Backend a = new Backend("a");
                Backend b = new Backend("b");
                Backend c = new Backend("c");
                ServerPool pool = ServerPool.builder("orders")
                        .balancer(Balancers.roundRobin())
                        .build()) {
            publish(Map.of(a, HealthStatus.HEALTHY, b, HealthStatus.HEALTHY));
            ManagedChannel channel = GrpcLoadBalancing.bind(
                            Grpc.newChannelBuilder("xds:///orders", InsecureChannelCredentials.create()), pool)
                    .build();
            Await.until("both answer", () -> answers(channel).equals(Set.of("a", "b")));
            assertThat(pool.snapshot().servers()).hasSize(2).allSatisfy(server -> assertThat(server.picks())
                    .isPositive());

            publish(Map.of(a, HealthStatus.HEALTHY, b, HealthStatus.HEALTHY, c, HealthStatus.HEALTHY));
            Await.until("the added one answers", () -> answers(channel).equals(Set.of("a", "b", "c")));
            publish(Map.of(a, HealthStatus.HEALTHY, b, HealthStatus.UNHEALTHY, c, HealthStatus.HEALTHY));
            Await.until("the unhealthy one does not", () -> answers(channel).equals(Set.of("a", "c")));
            publish(Map.of(a, HealthStatus.HEALTHY, b, HealthStatus.HEALTHY, c, HealthStatus.DRAINING));
            Await.until("nor the draining one", () -> answers(channel).equals(Set.of("a", "b")));
            publish(Map.of(a, HealthStatus.HEALTHY));
            Await.until("nor one that was removed", () -> answers(channel).equals(Set.of("a")));

            plane.shutdownNow();
            assertThat(plane.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
            assertThat(answers(channel)).containsExactly("a");
            channel.shutdownNow();
        } finally {
            plane.shutdownNow();
        }
    }
}
