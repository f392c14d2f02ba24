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
import io.lbclient.Affinity;
import io.lbclient.ServerPool;
import org.jspecify.annotations.Nullable;

/**
 * Gives each call something to remember its attempts by, and ends what is left of them when the call ends: gRPC forgets
 * the tracer of a stream that was made while its call was being cancelled. Sessions are looked up and bound here as well:
 * picks are made where nothing may wait, and no attempt knows by itself whether it is the one whose answer counts.
 */
final class CallInterceptor implements ClientInterceptor {
    private final GrpcOptions options;
    private final ServerPool pool;
    private final Guard guard;

    CallInterceptor(GrpcOptions options, ServerPool pool) {
        this.options = options;
        this.pool = pool;
        this.guard = new Guard(pool.name());
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions callOptions, Channel next) {
        Context context = Context.current();
        String key = options.keyContext == null ? null : options.keyContext.get(context);
        CallView view = new CallView(options, method, callOptions, next.authority(), key);
        GrpcCall call = new GrpcCall(options, guard, view, context.getDeadline());
        return new Watched<>(next.newCall(method, callOptions.withOption(Keys.CALL, call)), call, view);
    }

    private final class Watched<Q, A> extends SimpleForwardingClientCall<Q, A> {
        private final GrpcCall call;
        private final CallView view;

        Watched(ClientCall<Q, A> delegate, GrpcCall call, CallView view) {
            super(delegate);
            this.call = call;
            this.view = view;
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            // Here, on the thread of the caller, who can wait for a store.
            view.started(headers).lookedUp(pool.lookUp(view));
            super.start(new Binding<>(listener, call, view), headers);
        }
    }

    /**
     * Binds the session of a call once. A call with one response is good or bad at its end. One that streams may live for
     * hours, so it is answered when its headers are there, if the server sends any before the end.
     */
    private static final class Binding<A> extends SimpleForwardingClientCallListener<A> {
        private final GrpcCall call;
        private final CallView view;
        private @Nullable Metadata first;
        private boolean bound;

        Binding(ClientCall.Listener<A> listener, GrpcCall call, CallView view) {
            super(listener);
            this.call = call;
            this.view = view;
        }

        @Override
        public void onHeaders(Metadata headers) {
            first = headers;
            if (!view.descriptor().getType().serverSendsOneMessage()) {
                bind(headers, null, headers);
            }
            super.onHeaders(headers);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!bound && call.isGood(status)) {
                bind(first, trailers, trailers);
            }
            call.finish();
            super.onClose(status, trailers);
        }

        private void bind(@Nullable Metadata headers, @Nullable Metadata trailers, Metadata to) {
            bound = true;
            for (Affinity.Token token : call.answered(headers, trailers)) {
                // Cookies mean nothing to gRPC.
                if (token.carrier() == Affinity.Carrier.HEADER) {
                    Metadata.Key<String> key = Metadata.Key.of(token.name(), Metadata.ASCII_STRING_MARSHALLER);
                    to.discardAll(key);
                    to.put(key, token.value());
                }
            }
        }
    }
}
