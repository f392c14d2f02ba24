package io.lbclient.benchmarks.grpc;

import io.grpc.ClientInterceptor;
import io.grpc.ForwardingChannelBuilder2;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolver;
import io.grpc.SynchronizationContext;
import io.lbclient.ServerPool;
import io.lbclient.grpc.GrpcLoadBalancing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Keeps what a pool adds to the builder of a channel, for one that is never built. */
final class Binding extends ForwardingChannelBuilder2<Binding> {
    private final NameResolver.Args.Builder args;
    private final List<ClientInterceptor> interceptors = new ArrayList<>();

    Binding(SynchronizationContext context) {
        args = NameResolver.Args.newBuilder()
                .setDefaultPort(80)
                .setProxyDetector(address -> null)
                .setSynchronizationContext(context)
                .setServiceConfigParser(new NameResolver.ServiceConfigParser() {
                    @Override
                    public NameResolver.ConfigOrError parseServiceConfig(Map<String, ?> config) {
                        return NameResolver.ConfigOrError.fromConfig(config);
                    }
                });
    }

    void to(ServerPool pool) {
        GrpcLoadBalancing.bind(this, pool);
    }

    NameResolver.Args args() {
        return args.build();
    }

    List<ClientInterceptor> interceptors() {
        return interceptors;
    }

    @Override
    protected ManagedChannelBuilder<?> delegate() {
        throw new UnsupportedOperationException();
    }

    @Override
    public <X> Binding setNameResolverArg(NameResolver.Args.Key<X> key, X value) {
        args.setArg(key, value);
        return this;
    }

    @Override
    public Binding defaultLoadBalancingPolicy(String policy) {
        return this;
    }

    @Override
    public Binding intercept(ClientInterceptor... more) {
        interceptors.addAll(List.of(more));
        return this;
    }
}
