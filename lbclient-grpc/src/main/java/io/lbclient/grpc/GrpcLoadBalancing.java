package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.LoadBalancerRegistry;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolverRegistry;
import io.lbclient.ServerPool;
import io.lbclient.balancer.HashKey;
import io.lbclient.routing.Destination;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Balances the calls of gRPC channels over the servers of a pool.
 *
 * <pre>{@code
 * ManagedChannel channel =
 *     GrpcLoadBalancing.channelBuilder(orders, InsecureChannelCredentials.create()).build();
 * }</pre>
 *
 * <p>Any other builder is bound to a pool in the same way, as long as it is before {@code build()}:
 *
 * <pre>{@code
 * GrpcLoadBalancing.bind(NettyChannelBuilder.forTarget("lbclient:///orders"), orders);
 * }</pre>
 *
 * <p>A channel may have any target. With {@code lbclient:///name} its servers are those of the pool. With another, such
 * as {@code dns:///orders.example:8080}, the channel's resolver finds them and adds them to the pool. Several channels
 * may share a pool: it is one health, one set of figures and one strategy for all of them, and for HTTP clients as
 * well. Close the pool after its channels. All methods are safe for use by many threads.
 *
 * <p>Needs gRPC 1.70 or later.
 */
public final class GrpcLoadBalancing {
    /** The scheme of targets whose servers are those of a pool. */
    public static final String SCHEME = "lbclient";

    /** The name of the load-balancing policy; {@link #bind} chooses it. */
    public static final String POLICY = "lbclient";

    /**
     * A call's affinity key: calls with the same key go to the same server, under a strategy that hashes {@link
     * #affinityKey()}. Such as {@code stub.withOption(GrpcLoadBalancing.AFFINITY, userId)}.
     */
    public static final CallOptions.Key<String> AFFINITY = CallOptions.Key.create("io.lbclient.grpc.affinity");

    /** The address of the client on whose behalf a call is made, for strategies that go by it. */
    public static final CallOptions.Key<InetAddress> CLIENT_ADDRESS =
            CallOptions.Key.create("io.lbclient.grpc.clientAddress");

    private static final ClassValue<CallOptions.Key<?>> TAGS = new ClassValue<>() {
        @Override
        protected CallOptions.Key<?> computeValue(Class<?> type) {
            // Under the type String a call shows its affinity key.
            return type == String.class ? AFFINITY : CallOptions.Key.create("io.lbclient.grpc.tag " + type.getName());
        }
    };

    private GrpcLoadBalancing() {}

    /**
     * Returns the call option that attaches something to a call under its type, for rules that ask for a tag and for
     * sessions. Such as {@code stub.withOption(GrpcLoadBalancing.tag(SessionCarrier.class), carrier)}.
     *
     * @param type the type under which it is attached
     * @param <T> that type
     * @return the option, the same for each call of this method
     */
    @SuppressWarnings("unchecked") // each key is made for its type
    public static <T> CallOptions.Key<T> tag(Class<T> type) {
        return (CallOptions.Key<T>) TAGS.get(type);
    }

    /**
     * Begins a channel to the servers of a pool, with the default settings.
     *
     * @param pool the pool
     * @param credentials how connections are secured, such as {@code TlsChannelCredentials.create()}; certificates are
     *     checked for the pool's name
     * @return gRPC's builder, for whatever transport is on the class path
     */
    public static ManagedChannelBuilder<?> channelBuilder(ServerPool pool, ChannelCredentials credentials) {
        return channelBuilder(pool, credentials, GrpcOptions.defaults());
    }

    /**
     * Begins a channel to where a rule leads: the servers of a pool, or those of a view of it.
     *
     * @param destination the destination
     * @param credentials how connections are secured
     * @param options the settings
     * @return gRPC's builder, for whatever transport is on the class path
     */
    public static ManagedChannelBuilder<?> channelBuilder(
            Destination destination, ChannelCredentials credentials, GrpcOptions options) {
        register();
        ManagedChannelBuilder<?> builder = Grpc.newChannelBuilder(target(destination.pool()), credentials);
        bind(builder, destination, options);
        return builder;
    }

    /**
     * Begins a channel to the servers of a pool.
     *
     * @param pool the pool
     * @param credentials how connections are secured
     * @param options the settings
     * @return gRPC's builder, for whatever transport is on the class path
     */
    public static ManagedChannelBuilder<?> channelBuilder(
            ServerPool pool, ChannelCredentials credentials, GrpcOptions options) {
        return channelBuilder(Destination.of(pool), credentials, options);
    }

    /**
     * Binds a channel to a pool, with the default settings.
     *
     * @param builder any builder of channels
     * @param pool the pool
     * @param <T> the builder's type
     * @return the same builder
     */
    public static <T extends ManagedChannelBuilder<T>> T bind(ManagedChannelBuilder<T> builder, ServerPool pool) {
        return bind(builder, pool, GrpcOptions.defaults());
    }

    /**
     * Binds a channel to a pool. Whatever comes from gRPC's own configuration stays in force: retries and hedges, method
     * timeouts, health checks. Retries of calls that may be repeated should know {@code UNKNOWN} beside {@code
     * UNAVAILABLE}: gRPC says so if a connection ends just as a call is sent, and if a handler throws. A service config that
     * names another policy wins over this one.
     *
     * @param builder any builder of channels
     * @param pool the pool
     * @param options the settings
     * @param <T> the builder's type
     * @return the same builder
     */
    public static <T extends ManagedChannelBuilder<T>> T bind(
            ManagedChannelBuilder<T> builder, ServerPool pool, GrpcOptions options) {
        return bind(builder, Destination.of(pool), options);
    }

    /**
     * Binds a channel to where a rule leads, as {@link #bind(ManagedChannelBuilder, ServerPool, GrpcOptions)} does to a pool.
     * The condition of a view is asked for each server whenever the pool's list changes.
     *
     * @param builder any builder of channels
     * @param destination the pool, or a view of it
     * @param options the settings
     * @param <T> the builder's type
     * @return the same builder
     */
    public static <T extends ManagedChannelBuilder<T>> T bind(
            ManagedChannelBuilder<T> builder, Destination destination, GrpcOptions options) {
        register();
        ServerPool pool = destination.pool();
        return builder.setNameResolverArg(Keys.BINDING, new Keys.Binding(destination, options))
                .defaultLoadBalancingPolicy(POLICY)
                .intercept(new CallInterceptor(options, pool));
    }

    /**
     * Returns the target of channels whose servers are those of a pool.
     *
     * @param pool the pool
     * @return {@code lbclient:///} and the pool's name, with what a URI does not allow percent-encoded
     */
    public static String target(ServerPool pool) {
        try {
            String path = new URI(null, null, "/" + pool.name(), null).getRawPath();
            // A slash of the name's own would divide the path.
            return SCHEME + ":///" + path.substring(1).replace("/", "%2F");
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("pool: " + pool.name() + " (expected: a name for a URI)", e);
        }
    }

    /**
     * Returns the key for hashing strategies that reads a call's affinity key: {@link #AFFINITY}, or what {@link
     * GrpcOptions} says.
     *
     * @return the key; missing if a call has none
     */
    public static HashKey affinityKey() {
        return HashKey.attribute(String.class);
    }

    /** Also in code, because a shaded jar may have lost the files that a service loader needs. */
    private static void register() {
        Registration.DONE.run();
    }

    private enum Registration {
        DONE;

        Registration() {
            LoadBalancerRegistry balancers = LoadBalancerRegistry.getDefaultRegistry();
            if (!(balancers.getProvider(POLICY) instanceof PoolBalancerProvider)) {
                balancers.register(new PoolBalancerProvider());
            }
            NameResolverRegistry resolvers = NameResolverRegistry.getDefaultRegistry();
            if (!(resolvers.getProviderForScheme(SCHEME) instanceof PoolResolverProvider)) {
                resolvers.register(new PoolResolverProvider());
            }
        }

        void run() {}
    }
}
