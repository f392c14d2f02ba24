package io.lbclient.grpc;

import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the resolvers of targets {@code lbclient:///name}. gRPC finds it by itself; nobody else needs it. It keeps
 * nothing: the pool comes with the channel.
 */
public final class PoolResolverProvider extends NameResolverProvider {
    /** Below that of DNS, so that targets without a scheme stay names of hosts. */
    private static final int PRIORITY = 4;

    /** For gRPC's service loader. */
    public PoolResolverProvider() {}

    @Override
    protected boolean isAvailable() {
        return true;
    }

    @Override
    protected int priority() {
        return PRIORITY;
    }

    @Override
    public String getDefaultScheme() {
        return GrpcLoadBalancing.SCHEME;
    }

    /** None, which every transport accepts, in-process ones included: the addresses are the user's affair. */
    @Override
    public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
        return List.of();
    }

    /**
     * Returns a resolver.
     *
     * @throws IllegalArgumentException if the target names nothing, or the channel was not bound to a pool
     */
    @Override
    public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
        if (!GrpcLoadBalancing.SCHEME.equals(target.getScheme())) {
            return null;
        }
        String path = target.getRawPath();
        if (path == null || path.length() < 2) {
            throw Checks.rejected("target", target, GrpcLoadBalancing.SCHEME + ":///name");
        }
        Keys.Binding binding = args.getArg(Keys.BINDING);
        if (binding == null) {
            throw Checks.rejected("target", target, "a channel that GrpcLoadBalancing.bind was called for");
        }
        return new PoolResolver(path.substring(1), binding, args);
    }
}
