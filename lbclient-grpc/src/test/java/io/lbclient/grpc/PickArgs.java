package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.LoadBalancer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;

/** What gRPC gives a pick, for a call that has passed the interceptor. */
final class PickArgs extends LoadBalancer.PickSubchannelArgs {
    private final Metadata headers = new Metadata();
    private final CallOptions options;

    PickArgs(GrpcCall call) {
        options = CallOptions.DEFAULT.withOption(Keys.CALL, call);
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
        return Backend.UNARY;
    }
}
