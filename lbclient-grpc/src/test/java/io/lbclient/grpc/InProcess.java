package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.inprocess.InProcessSocketAddress;
import io.grpc.stub.ClientCalls;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Many servers without sockets, and a channel to them. */
final class InProcess implements AutoCloseable {
    private final String prefix = UUID.randomUUID().toString();
    private final List<io.grpc.Server> servers = new ArrayList<>();
    private final Set<String> answered = new HashSet<>();
    private ManagedChannel channel;

    InProcess(int size) {
        for (int i = 0; i < size; i++) {
            String name = "s" + i;
            try {
                servers.add(InProcessServerBuilder.forName(prefix + name)
                        .addService(ServerServiceDefinition.builder("test.Echo")
                                .addMethod(Backend.UNARY, (call, headers) -> answer(name, call))
                                .build())
                        .build()
                        .start());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static ServerCall.Listener<String> answer(String name, ServerCall<String, String> call) {
        call.request(2);
        return new ServerCall.Listener<>() {
            @Override
            public void onHalfClose() {
                call.sendHeaders(new Metadata());
                call.sendMessage(name);
                call.close(io.grpc.Status.OK, new Metadata());
            }
        };
    }

    List<Server> asServers() {
        return IntStream.range(0, servers.size())
                .mapToObj(i -> Server.of("10.0.0.1", 1 + i).withId("s" + i))
                .toList();
    }

    void connect(ServerPool pool, UnaryOperator<GrpcOptions.Builder> settings) {
        GrpcOptions options = settings.apply(GrpcOptions.builder())
                .addresses(server -> List.of(new InProcessSocketAddress(prefix + server.id())))
                .build();
        channel = GrpcLoadBalancing.bind(
                        InProcessChannelBuilder.forTarget(GrpcLoadBalancing.target(pool)), pool, options)
                .build();
    }

    String call() {
        String name = ClientCalls.blockingUnaryCall(
                channel, Backend.UNARY, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), "hello");
        answered.add(name);
        return name;
    }

    int answered() {
        return answered.size();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        servers.forEach(io.grpc.Server::shutdownNow);
    }
}
