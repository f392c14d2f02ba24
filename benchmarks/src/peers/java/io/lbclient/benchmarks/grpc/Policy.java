package io.lbclient.benchmarks.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.grpc.GrpcLoadBalancing;
import java.util.List;
import java.util.Map;

/** What balances a channel, each with its defaults and two attempts for each call. */
enum Policy {
    LBCLIENT(GrpcLoadBalancing.POLICY),
    ROUND_ROBIN("round_robin"),
    LEAST_REQUEST("least_request_experimental");

    private static final Map<String, ?> TWO_ATTEMPTS = Map.of(
            "methodConfig",
            List.of(Map.of(
                    "name",
                    List.of(Map.of()),
                    "retryPolicy",
                    Map.of(
                            "maxAttempts",
                            2.0,
                            "initialBackoff",
                            "0.001s",
                            "maxBackoff",
                            "0.001s",
                            "backoffMultiplier",
                            1.0,
                            "retryableStatusCodes",
                            List.of("UNAVAILABLE")))));

    private final String id;

    Policy(String id) {
        this.id = id;
    }

    String id() {
        return id;
    }

    /** A channel, and the pool behind it if there is one. */
    record Client(ManagedChannel channel, Runnable closePool) implements AutoCloseable {
        @Override
        public void close() {
            channel.shutdownNow();
            closePool.run();
        }
    }

    Client connect(List<Backend> backends) {
        if (this == LBCLIENT) {
            ServerPool pool = ServerPool.builder("orders")
                    .servers(backends.stream()
                            .map(backend -> Server.of("127.0.0.1", backend.port()))
                            .toList())
                    .build();
            NettyChannelBuilder builder = NettyChannelBuilder.forTarget(GrpcLoadBalancing.target(pool));
            return new Client(settings(GrpcLoadBalancing.bind(builder, pool)), pool::close);
        }
        NettyChannelBuilder builder = NettyChannelBuilder.forTarget(FixedResolver.target(backends))
                .defaultLoadBalancingPolicy(id);
        return new Client(settings(builder), () -> {});
    }

    private static ManagedChannel settings(NettyChannelBuilder builder) {
        return builder.usePlaintext().defaultServiceConfig(TWO_ATTEMPTS).build();
    }
}
