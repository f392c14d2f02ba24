package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.lbclient.Outcome;
import io.lbclient.Server;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection that ends without a goodbye, as that of a killed server does, just as a call is sent over it. */
class ClosingConnectionTest {
    /** What happens when the socket is closed and the channel does not know it yet. */
    private final AtomicReference<Runnable> closing = new AtomicReference<>(() -> {});

    @SuppressWarnings("deprecation") // in Netty 4.2; what replaces it is not in the Netty of older gRPC
    private final EventLoopGroup threads = new NioEventLoopGroup(1);

    @AfterEach
    void end() {
        threads.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private ManagedChannelBuilder<?> overSockets(ManagedChannelBuilder<?> builder) {
        return ((NettyChannelBuilder) builder).eventLoopGroup(threads).channelFactory(() -> {
            NioSocketChannel socket = new NioSocketChannel();
            // Before any listener of gRPC's.
            socket.closeFuture()
                    .addListener(closed -> closing.getAndSet(() -> {}).run());
            return socket;
        });
    }

    /** Of two servers, the one that is picked first ends its connection, and the call begins in that moment. */
    private void whenTheFirstConnectionCloses(
            UnaryOperator<ManagedChannelBuilder<?>> settings, BiConsumer<Cluster, Running> then) throws IOException {
        try (Backend a = new Backend("a");
                Backend b = new Backend("b");
                SilentProxy proxy = new SilentProxy(a.port());
                Cluster cluster = Cluster.of(List.of(), builder -> builder.balancer(Cluster.IN_ORDER))) {
            cluster.pool.add(Server.of("127.0.0.1", proxy.port()).withId("a"));
            cluster.connect(GrpcOptions.defaults(), builder -> settings.apply(overSockets(builder)));
            cluster.awaitAnswersOf("a");
            cluster.pool.add(b.asServer());
            cluster.pool.operator("test").disable("a");
            cluster.awaitAnswersOf("b");
            cluster.pool.operator("test").enable("a");
            cluster.awaitAnswersOf("a");
            cluster.awaitIdle();
            cluster.endings.clear();
            CompletableFuture<Running> call = new CompletableFuture<>();
            closing.set(() -> call.complete(Running.begin(cluster.channel, Backend.UNARY, CallOptions.DEFAULT)));
            proxy.end();
            then.accept(cluster, call.orTimeout(20, TimeUnit.SECONDS).join());
            Await.until("nothing is in flight any more", () -> cluster.inFlight() == 0);
        }
    }

    /** What the attempts at a server came to, besides that it cannot be connected to any more. */
    private static void assertAttempts(Cluster cluster, String server, Outcome outcome) {
        Await.until(
                "an attempt at " + server + " was " + outcome,
                () -> outcomes(cluster, server).equals(List.of(outcome)));
    }

    private static List<Outcome> outcomes(Cluster cluster, String server) {
        return cluster.endings.stream()
                .filter(end -> end.server().equals(server) && end.outcome() != Outcome.CONNECT_FAILURE)
                .map(Cluster.Ending::outcome)
                .toList();
    }

    @Test
    void grpcFailsACallWhoseConnectionClosesAsItIsSentWithUnknown() throws IOException {
        whenTheFirstConnectionCloses(builder -> builder, (cluster, call) -> {
            assertThat(call.await().getCode()).isEqualTo(Status.Code.UNKNOWN);
            assertAttempts(cluster, "a", Outcome.NOT_SENT);
        });
    }

    @Test
    void aCallWhoseRetriesKnowUnknownIsAnsweredByTheOtherServer() throws IOException {
        whenTheFirstConnectionCloses(
                builder -> builder.defaultServiceConfig(ServiceConfigs.retrying(2)), (cluster, call) -> {
                    assertThat(call.await().isOk()).isTrue();
                    assertThat(call.messages).containsExactly("b");
                    assertAttempts(cluster, "a", Outcome.NOT_SENT);
                    assertAttempts(cluster, "b", Outcome.SUCCESS);
                });
    }
}
