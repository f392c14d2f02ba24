package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.ChannelLogger;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.routing.Destination;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * What the policy sees of a channel, without sockets: a connection is ready at once or has failed at once, and one that
 * has failed is never tried again by itself, as gRPC would after a while.
 */
final class Socketless extends LoadBalancer.Helper implements AutoCloseable {
    private final SynchronizationContext context = new SynchronizationContext((thread, e) -> {
        throw new AssertionError(e);
    });
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    final ServerPool pool;
    private final PoolBalancer balancer;
    volatile LoadBalancer.SubchannelPicker picker;
    volatile ConnectivityState state;
    /** Whether servers can be connected to. */
    volatile boolean reachable;
    /** How often one was connected to. */
    final AtomicInteger dials = new AtomicInteger();

    Socketless(int size, boolean reachable, GrpcOptions options) {
        this.reachable = reachable;
        List<Server> servers = IntStream.range(0, size)
                .mapToObj(i -> Server.of("10.0.0.1", 1 + i))
                .toList();
        pool = ServerPool.builder("orders").servers(servers).build();
        balancer = new PoolBalancer(this, new Keys.Binding(Destination.of(pool), options));
        context.execute(() -> balancer.acceptResolvedAddresses(LoadBalancer.ResolvedAddresses.newBuilder()
                .setAddresses(servers.stream()
                        .map(s -> new EquivalentAddressGroup(
                                new InetSocketAddress("10.0.0.1", s.port()),
                                Attributes.newBuilder().set(Keys.SERVER, s).build()))
                        .toList())
                .build()));
        assertThat(picker).isNotNull();
    }

    private void dial(LoadBalancer.SubchannelStateListener listener) {
        dials.incrementAndGet();
        ConnectivityStateInfo state = reachable
                ? ConnectivityStateInfo.forNonError(ConnectivityState.READY)
                : ConnectivityStateInfo.forTransientFailure(Status.UNAVAILABLE);
        context.execute(() -> listener.onSubchannelState(state));
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
                dial(listener);
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
    public void updateBalancingState(ConnectivityState now, LoadBalancer.SubchannelPicker next) {
        state = now;
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
    public void refreshNameResolution() {
        // Nothing resolves names here.
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
