package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ChannelLogger;
import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolver;
import io.grpc.SynchronizationContext;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.routing.Destination;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a pick costs in memory: the attempt, and what listens to its stream. */
class AllocationTest {
    /** An attempt and a tracer, each of a few dozen bytes. */
    private static final double MOST_BYTES = 160;

    @Test
    void aPickAllocatesItsAttemptAndItsTracerAndNothingElse() {
        for (int size : new int[] {3, 100}) {
            try (Channel channel = new Channel(size)) {
                LoadBalancer.SubchannelPicker picker = channel.picker;
                Call call = new Call();
                for (int i = 0; i < 50_000; i++) {
                    channel.pick(picker, call);
                }
                double least = Double.MAX_VALUE;
                for (int round = 0; round < 5; round++) {
                    least = Math.min(least, bytesOf(channel, picker, call));
                }
                assertThat(least).as("with %s servers", size).isBetween(1.0, MOST_BYTES);
            }
        }
    }

    private static double bytesOf(Channel channel, LoadBalancer.SubchannelPicker picker, Call call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int picks = 20_000;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < picks; i++) {
            channel.pick(picker, call);
        }
        return (threads.getCurrentThreadAllocatedBytes() - before) / (double) picks;
    }

    /** A call that picks over and over: each pick gives back the one before, of which no stream was made. */
    private static final class Call extends LoadBalancer.PickSubchannelArgs {
        private final Metadata headers = new Metadata();
        private CallOptions options = CallOptions.DEFAULT;

        @Override
        public CallOptions getCallOptions() {
            return options;
        }

        @Override
        public Metadata getHeaders() {
            return headers;
        }

        @Override
        public MethodDescriptor<?, ?> getMethodDescriptor() {
            return Backend.UNARY;
        }
    }

    /** A channel that has no sockets: its connections are ready at once. */
    private static final class Channel extends LoadBalancer.Helper implements AutoCloseable {
        private final SynchronizationContext context = new SynchronizationContext((thread, e) -> {
            throw new AssertionError(e);
        });
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        private final ServerPool pool;
        private final PoolBalancer balancer;
        private volatile LoadBalancer.SubchannelPicker picker;

        Channel(int size) {
            List<Server> servers = IntStream.range(0, size)
                    .mapToObj(i -> Server.of("10.0.0.1", 1 + i))
                    .toList();
            pool = ServerPool.builder("orders").servers(servers).build();
            Keys.Binding binding = new Keys.Binding(
                    Destination.of(pool),
                    GrpcOptions.builder().joinDelay(java.time.Duration.ZERO).build());
            balancer = new PoolBalancer(this, binding);
            context.execute(() -> balancer.acceptResolvedAddresses(LoadBalancer.ResolvedAddresses.newBuilder()
                    .setAddresses(servers.stream()
                            .map(s -> new EquivalentAddressGroup(
                                    new InetSocketAddress("10.0.0.1", s.port()),
                                    Attributes.newBuilder().set(Keys.SERVER, s).build()))
                            .toList())
                    .build()));
            assertThat(picker).isInstanceOf(PoolPicker.class);
        }

        void pick(LoadBalancer.SubchannelPicker from, Call call) {
            if (call.options.getOption(Keys.CALL) == null) {
                call.options = call.options.withOption(
                        Keys.CALL,
                        new GrpcCall(
                                GrpcOptions.defaults(),
                                new Guard("orders"),
                                new CallView(GrpcOptions.defaults(), Backend.UNARY, call.options, null, null),
                                null));
            }
            if (from.pickSubchannel(call).getSubchannel() == null) {
                throw new AssertionError("nothing was picked");
            }
        }

        @Override
        public LoadBalancer.Subchannel createSubchannel(LoadBalancer.CreateSubchannelArgs args) {
            return new LoadBalancer.Subchannel() {
                private LoadBalancer.SubchannelStateListener listener;

                @Override
                public void start(LoadBalancer.SubchannelStateListener to) {
                    listener = to;
                }

                @Override
                public void requestConnection() {
                    context.execute(() -> listener.onSubchannelState(
                            io.grpc.ConnectivityStateInfo.forNonError(ConnectivityState.READY)));
                }

                @Override
                public void shutdown() {}

                @Override
                public List<EquivalentAddressGroup> getAllAddresses() {
                    return args.getAddresses();
                }

                @Override
                public Attributes getAttributes() {
                    return Attributes.EMPTY;
                }
            };
        }

        @Override
        public void updateBalancingState(ConnectivityState state, LoadBalancer.SubchannelPicker next) {
            picker = next;
        }

        @Override
        public ManagedChannel createOobChannel(EquivalentAddressGroup group, String authority) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SynchronizationContext getSynchronizationContext() {
            return context;
        }

        @Override
        public ScheduledExecutorService getScheduledExecutorService() {
            return timer;
        }

        @Override
        public String getAuthority() {
            return "orders";
        }

        @Override
        public NameResolver.Args getNameResolverArgs() {
            throw new UnsupportedOperationException();
        }

        @Override
        public ChannelLogger getChannelLogger() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            context.execute(balancer::shutdown);
            pool.close();
            timer.shutdownNow();
        }
    }
}
