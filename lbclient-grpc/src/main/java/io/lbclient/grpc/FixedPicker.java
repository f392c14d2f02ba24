package io.lbclient.grpc;

import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.SubchannelPicker;

/** A picker for when there is nothing to pick. */
final class FixedPicker extends SubchannelPicker {
    private final PickResult result;

    FixedPicker(PickResult result) {
        this.result = result;
    }

    @Override
    public PickResult pickSubchannel(PickSubchannelArgs args) {
        return result;
    }
}
