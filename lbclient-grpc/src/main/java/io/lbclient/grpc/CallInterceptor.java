package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/**
 * Gives each call something to remember its attempts by, and ends what is left of them when the call ends: gRPC forgets
 * the tracer of a stream that was made while its call was being cancelled.
 */
final class CallInterceptor implements ClientInterceptor {
    private final GrpcOptions options;
    private final Guard guard;

    CallInterceptor(GrpcOptions options, String pool) {
        this.options = options;
        this.guard = new Guard(pool);
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions callOptions, Channel next) {
        Context context = Context.current();
        String key = options.keyContext == null ? null : options.keyContext.get(context);
        GrpcCall call = new GrpcCall(options, guard, next.authority(), context.getDeadline(), key);
        return new Watched<>(next.newCall(method, callOptions.withOption(Keys.CALL, call)), call);
    }

    private static final class Watched<Q, A> extends SimpleForwardingClientCall<Q, A> {
        private final GrpcCall call;

        Watched(ClientCall<Q, A> delegate, GrpcCall call) {
            super(delegate);
            this.call = call;
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            call.finish();
                            super.onClose(status, trailers);
                        }
                    },
                    headers);
        }
    }
}
