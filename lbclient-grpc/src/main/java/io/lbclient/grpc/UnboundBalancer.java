package io.lbclient.grpc;

import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer;
import io.grpc.Status;

/** The policy of a channel for which it was chosen, by a service config or by xDS, but which has no pool. */
final class UnboundBalancer extends LoadBalancer {
    private static final Status NOT_BOUND = Status.UNAVAILABLE.withDescription(
            "lbclient: the channel has no pool (expected: GrpcLoadBalancing.bind before build)");

    private final Helper helper;

    UnboundBalancer(Helper helper) {
        this.helper = helper;
    }

    @Override
    public Status acceptResolvedAddresses(ResolvedAddresses addresses) {
        fail();
        return NOT_BOUND;
    }

    @Override
    public void handleNameResolutionError(Status error) {
        fail();
    }

    private void fail() {
        helper.updateBalancingState(
                ConnectivityState.TRANSIENT_FAILURE, new FixedResultPicker(PickResult.withError(NOT_BOUND)));
    }

    @Override
    public void shutdown() {}
}
