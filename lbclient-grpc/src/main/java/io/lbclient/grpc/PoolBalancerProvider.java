package io.lbclient.grpc;

import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.NameResolver;
import java.util.Map;

/**
 * Makes the load-balancing policy {@code lbclient}. gRPC finds it by itself; nobody else needs it. It keeps nothing: the
 * pool comes with the channel.
 */
public final class PoolBalancerProvider extends LoadBalancerProvider {
    private static final int PRIORITY = 5;

    /** For gRPC's service loader. */
    public PoolBalancerProvider() {}

    @Override
    public boolean isAvailable() {
        return true;
    }

    @Override
    public int getPriority() {
        return PRIORITY;
    }

    @Override
    public String getPolicyName() {
        return GrpcLoadBalancing.POLICY;
    }

    /** Returns a policy that fails all calls, rather than throw, if the channel was not bound to a pool. */
    @Override
    public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
        Keys.Binding binding = helper.getNameResolverArgs().getArg(Keys.BINDING);
        return binding == null ? new UnboundBalancer(helper) : new PoolBalancer(helper, binding);
    }

    /** Whatever a service config says: all settings come with the channel. */
    @Override
    public NameResolver.ConfigOrError parseLoadBalancingPolicyConfig(Map<String, ?> rawConfig) {
        return NameResolver.ConfigOrError.fromConfig("none");
    }
}
