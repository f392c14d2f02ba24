package io.lbclient.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A call that goes to the channel which its metadata leads to, so it is chosen when the call starts. */
final class RoutedCall<Q, A> extends ForwardingClientCall<Q, A> {
    private final RoutedChannel owner;
    private final MethodDescriptor<Q, A> method;
    private final CallOptions options;
    private volatile @Nullable ClientCall<Q, A> delegate;
    private volatile boolean begun;
    private final AtomicReference<@Nullable Cancellation> cancelled = new AtomicReference<>();
    // Set before the delegate.
    private Mirrors.@Nullable Copy<Q, A> copy;

    private record Cancellation(
            @Nullable String message, @Nullable Throwable cause) {}

    RoutedCall(RoutedChannel owner, MethodDescriptor<Q, A> method, CallOptions options) {
        this.owner = owner;
        this.method = method;
        this.options = options;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
        if (delegate != null) {
            throw new IllegalStateException("the call was started already");
        }
        CallView view = new CallView(GrpcOptions.defaults(), method, options, owner.authority(), null).started(headers);
        RoutedChannel.Way way = owner.way(view);
        PoolChannel channel = way.channel();
        if (channel == null) {
            refuse(listener, way.refusal() == null ? Status.UNAVAILABLE : way.refusal());
            return;
        }
        try {
            begin(channel, way, listener, headers);
        } finally {
            channel.leave();
        }
    }

    private void begin(PoolChannel channel, RoutedChannel.Way way, Listener<A> listener, Metadata headers) {
        Listener<A> told = listener;
        if (way.mirror() != null && method.getType() == MethodType.UNARY) {
            copy = owner.mirrors().copy(way.mirror(), method, options, headers);
            told = new Mirrored(listener);
        }
        ClientCall<Q, A> call = channel.channel.newCall(method, options);
        // Before the start, in which the listener may ask for more already.
        delegate = call;
        call.start(told, headers);
        begun = true;
        // A call that was cancelled could not be started. Whoever cancels now has either seen that it is, or is seen
        // here.
        Cancellation early = cancelled.get();
        if (early != null) {
            call.cancel(early.message, early.cause);
        }
    }

    private void refuse(Listener<A> listener, Status status) {
        delegate = new Refused<>();
        Executor executor = options.getExecutor();
        if (executor == null) {
            listener.onClose(status, new Metadata());
        } else {
            executor.execute(() -> listener.onClose(status, new Metadata()));
        }
    }

    /** The answer is the caller's first; what was cancelled is not wanted anywhere. */
    private final class Mirrored extends SimpleForwardingClientCallListener<A> {
        Mirrored(Listener<A> listener) {
            super(listener);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            try {
                super.onClose(status, trailers);
            } finally {
                Mirrors.Copy<Q, A> made = copy;
                if (made != null && cancelled.get() == null && status.getCode() != Status.Code.CANCELLED) {
                    made.send();
                }
            }
        }
    }

    @Override
    protected ClientCall<Q, A> delegate() {
        ClientCall<Q, A> call = delegate;
        if (call == null) {
            throw new IllegalStateException("the call was not started");
        }
        return call;
    }

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {
        cancelled.compareAndSet(null, new Cancellation(message, cause));
        ClientCall<Q, A> call = delegate;
        if (begun && call != null) {
            call.cancel(message, cause);
        }
    }

    @Override
    public void sendMessage(Q message) {
        ClientCall<Q, A> call = delegate();
        Mirrors.Copy<Q, A> made = copy;
        if (made != null) {
            made.message(message);
        }
        call.sendMessage(message);
    }

    @Override
    public boolean isReady() {
        ClientCall<Q, A> call = delegate;
        return call != null && call.isReady();
    }

    @Override
    public Attributes getAttributes() {
        ClientCall<Q, A> call = delegate;
        return call == null ? Attributes.EMPTY : call.getAttributes();
    }

    @Override
    public String toString() {
        return owner + ": " + method.getFullMethodName();
    }

    /** A call that goes nowhere: what is done to it has no effect. */
    private static final class Refused<Q, A> extends ClientCall<Q, A> {
        @Override
        public void start(Listener<A> listener, Metadata headers) {}

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
    }
}
