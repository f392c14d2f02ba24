package io.lbclient.benchmarks.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelLogger;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.lbclient.ServerPool;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A policy without sockets: its connections are ready at once, and a call is its pick and all that a policy adds to it,
 * the tracer of its stream and an interceptor.
 */
final class PickCost extends LoadBalancer.Helper implements AutoCloseable {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final ClientCall.Listener<String> NOBODY = new ClientCall.Listener<>() {};
    private static final ChannelLogger SILENT = new ChannelLogger() {
        @Override
        public void log(ChannelLogLevel level, String message) {}

        @Override
        public void log(ChannelLogLevel level, String format, Object... args) {}
    };

    private final SynchronizationContext context = new SynchronizationContext((thread, e) -> {
        throw new IllegalStateException(e);
    });
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Binding binding = new Binding(context);
    private final @Nullable ServerPool pool;
    private final LoadBalancer balancer;
    private final Channel channel;
    private volatile LoadBalancer.@Nullable SubchannelPicker picker;
    private LoadBalancer.@Nullable Subchannel picked;

    PickCost(Policy policy, int servers) {
        pool = policy == Policy.LBCLIENT ? ServerPool.builder("orders").build() : null;
        if (pool != null) {
            binding.to(pool);
        }
        channel = ClientInterceptors.intercept(new Transport(), binding.interceptors());
        LoadBalancerProvider provider = Objects.requireNonNull(
                LoadBalancerRegistry.getDefaultRegistry().getProvider(policy.id()), policy.id());
        balancer = provider.newLoadBalancer(this);
        List<EquivalentAddressGroup> addresses = IntStream.range(0, servers)
                .mapToObj(i -> new EquivalentAddressGroup(new InetSocketAddress("10.0.0.1", 1 + i)))
                .toList();
        context.execute(() -> balancer.acceptResolvedAddresses(LoadBalancer.ResolvedAddresses.newBuilder()
                .setAddresses(addresses)
                .build()));
        awaitPicksOf(servers);
    }

    /** Of a policy that has only some of the servers, the figures would be too good. */
    private void awaitPicksOf(int servers) {
        Set<LoadBalancer.Subchannel> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        long start = System.nanoTime();
        while (seen.size() < servers) {
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(10)) {
                throw new IllegalStateException("picked only " + seen.size() + " of " + servers);
            }
            if (picker != null) {
                call();
                seen.add(Objects.requireNonNull(picked, "picked"));
            }
        }
    }

    private void call() {
        channel.newCall(Backend.UNARY, CallOptions.DEFAULT).start(NOBODY, new Metadata());
    }

    /** Returns the nanoseconds of processor time that one call took. */
    double round(int calls) {
        long before = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < calls; i++) {
            call();
        }
        return (THREADS.getCurrentThreadCpuTime() - before) / (double) calls;
    }

    /** What gRPC does with a pick, as far as policies see it. */
    private final class Transport extends Channel {
        @Override
        public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
            return new Call<>(method, options);
        }

        @Override
        public String authority() {
            return "orders";
        }
    }

    private final class Call<Q, A> extends ClientCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private final CallOptions options;

        Call(MethodDescriptor<Q, A> method, CallOptions options) {
            this.method = method;
            this.options = options;
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            LoadBalancer.SubchannelPicker from = Objects.requireNonNull(picker, "picker");
            LoadBalancer.PickResult result = from.pickSubchannel(new Pick(method, options, headers));
            picked = result.getSubchannel();
            Metadata trailers = new Metadata();
            ClientStreamTracer.Factory tracers = result.getStreamTracerFactory();
            if (tracers != null) {
                ClientStreamTracer tracer = tracers.newClientStreamTracer(
                        ClientStreamTracer.StreamInfo.newBuilder()
                                .setCallOptions(options)
                                .build(),
                        headers);
                tracer.outboundHeaders();
                tracer.inboundHeaders(trailers);
                tracer.inboundTrailers(trailers);
                tracer.streamClosed(Status.OK);
            }
            listener.onClose(Status.OK, trailers);
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
    }

    private static final class Pick extends LoadBalancer.PickSubchannelArgs {
        private final MethodDescriptor<?, ?> method;
        private final CallOptions options;
        private final Metadata headers;

        Pick(MethodDescriptor<?, ?> method, CallOptions options, Metadata headers) {
            this.method = method;
            this.options = options;
            this.headers = headers;
        }

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
            return method;
        }
    }

    // What the policy asks of its channel

    @Override
    public LoadBalancer.Subchannel createSubchannel(LoadBalancer.CreateSubchannelArgs args) {
        return new Ready(args.getAddresses());
    }

    private final class Ready extends LoadBalancer.Subchannel {
        private final List<EquivalentAddressGroup> addresses;
        private final List<LoadBalancer.SubchannelStateListener> listeners = new ArrayList<>();

        Ready(List<EquivalentAddressGroup> addresses) {
            this.addresses = addresses;
        }

        @Override
        public void start(LoadBalancer.SubchannelStateListener listener) {
            listeners.add(listener);
        }

        @Override
        public void requestConnection() {
            ConnectivityStateInfo ready = ConnectivityStateInfo.forNonError(ConnectivityState.READY);
            context.execute(() -> listeners.forEach(listener -> listener.onSubchannelState(ready)));
        }

        @Override
        public void shutdown() {}

        @Override
        public List<EquivalentAddressGroup> getAllAddresses() {
            return addresses;
        }

        @Override
        public Attributes getAttributes() {
            return Attributes.EMPTY;
        }

        @Override
        public ChannelLogger getChannelLogger() {
            return SILENT;
        }
    }

    @Override
    public void updateBalancingState(ConnectivityState state, LoadBalancer.SubchannelPicker next) {
        if (state == ConnectivityState.READY) {
            picker = next;
        }
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
        return binding.args();
    }

    @Override
    public ChannelLogger getChannelLogger() {
        return SILENT;
    }

    @Override
    public void close() {
        context.execute(balancer::shutdown);
        if (pool != null) {
            pool.close();
        }
        timer.shutdownNow();
    }
}
