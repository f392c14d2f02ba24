package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Deadline;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.lbclient.Attempt;
import io.lbclient.PoolView;
import io.lbclient.RequestView;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * One call, and its attempts: where it has been, and which of them are still to be ended. Retries and hedges of gRPC's
 * pick for it on several threads at once. It is also what strategies see of the call.
 *
 * <p>A pick is not yet a stream: gRPC may find the connection gone, and pick again later. Where it does make a stream, it
 * asks for the tracer on the thread that picked, right after it; so what a thread picked and did not claim before it picks
 * again has come to nothing.
 */
final class GrpcCall implements RequestView {
    private static final VarHandle NEWEST;

    static {
        try {
            NEWEST = MethodHandles.lookup().findVarHandle(GrpcCall.class, "newest", StreamAttempt.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final GrpcOptions options;
    private final Guard guard;
    private final @Nullable String authority;
    private final @Nullable Deadline contextDeadline;
    private final @Nullable String contextKey;
    /** The attempts, each with the one before it. */
    private volatile @Nullable StreamAttempt newest;

    private volatile boolean finished;
    // Of the first pick: those of later ones differ in nothing that is read here.
    private volatile @Nullable PickSubchannelArgs args;

    GrpcCall(
            GrpcOptions options,
            Guard guard,
            @Nullable String authority,
            @Nullable Deadline contextDeadline,
            @Nullable String contextKey) {
        this.options = options;
        this.guard = guard;
        this.authority = authority;
        this.contextDeadline = contextDeadline;
        this.contextKey = contextKey;
    }

    // Picks

    StreamAttempt pick(PoolView view, PickSubchannelArgs call) {
        if (args == null) {
            args = call;
        }
        abandonUnclaimed();
        StreamAttempt last = lastClaimed();
        // A channel that was idle in between has another view, and knows nothing of the former one.
        Attempt attempt = last == null || last.view() != view
                ? view.pick(this)
                : last.attempt().another();
        return push(view, attempt);
    }

    /** Somewhere else than where there turned out to be no connection. */
    StreamAttempt pickInstead(StreamAttempt stream) {
        abandon(stream);
        return push(stream.view(), stream.attempt().another());
    }

    private StreamAttempt push(PoolView view, Attempt attempt) {
        StreamAttempt stream = new StreamAttempt(this, view, attempt);
        do {
            stream.before = newest;
        } while (!NEWEST.compareAndSet(this, stream.before, stream));
        // Whoever finishes the call now has either seen the attempt, or is seen here.
        if (finished) {
            stream.leave();
        }
        return stream;
    }

    void abandon(StreamAttempt stream) {
        stream.abandon();
        // A call may wait for long, and pick many times.
        NEWEST.compareAndSet(this, stream, stream.before);
    }

    private void abandonUnclaimed() {
        Thread thread = Thread.currentThread();
        for (StreamAttempt each = newest; each != null; each = each.before) {
            if (each.isUnclaimed(thread)) {
                abandon(each);
            }
        }
    }

    private @Nullable StreamAttempt lastClaimed() {
        StreamAttempt each = newest;
        while (each != null && !each.claimed()) {
            each = each.before;
        }
        return each;
    }

    /** Returns the tracer of the stream that this thread is making; null if it has not picked. */
    @Nullable StreamAttempt claim() {
        Thread thread = Thread.currentThread();
        for (StreamAttempt each = newest; each != null; each = each.before) {
            if (each.isUnclaimed(thread) && each.claim()) {
                return each;
            }
        }
        return null;
    }

    /** For a call whose options do not lead here. */
    ClientStreamTracer.Factory tracers() {
        return new ClientStreamTracer.Factory() {
            @Override
            public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
                return StreamAttempt.orNone(claim());
            }
        };
    }

    /** The call is over: whatever has not been told its end by now never will be. */
    void finish() {
        finished = true;
        guard.run("the end of a call", () -> {
            for (StreamAttempt each = newest; each != null; each = each.before) {
                each.leave();
            }
        });
    }

    // For the attempts

    GrpcOptions options() {
        return options;
    }

    Guard guard() {
        return guard;
    }

    /** Whether the time that the caller gave is over: gRPC may tell that as a cancellation. */
    boolean expired() {
        PickSubchannelArgs call = args;
        Deadline deadline = call == null ? null : call.getCallOptions().getDeadline();
        return (deadline != null && deadline.isExpired()) || (contextDeadline != null && contextDeadline.isExpired());
    }

    /** Whether the server sends any number of messages, so that the first one and not the last tells how quick it is. */
    boolean streams() {
        PickSubchannelArgs call = args;
        return call != null && !call.getMethodDescriptor().getType().serverSendsOneMessage();
    }

    // For strategies

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public String path() {
        PickSubchannelArgs call = args;
        return call == null ? "" : "/" + call.getMethodDescriptor().getFullMethodName();
    }

    @Override
    public String host() {
        PickSubchannelArgs call = args;
        String own = call == null ? null : call.getCallOptions().getAuthority();
        String host = own == null ? authority : own;
        return host == null ? "" : host;
    }

    @Override
    public @Nullable String header(String name) {
        PickSubchannelArgs call = args;
        if (call == null || name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
            return null;
        }
        return call.getHeaders().get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    }

    @Override
    public @Nullable InetAddress clientAddress() {
        PickSubchannelArgs call = args;
        return call == null ? null : call.getCallOptions().getOption(GrpcLoadBalancing.CLIENT_ADDRESS);
    }

    @Override
    public <T> @Nullable T attribute(Class<T> type) {
        PickSubchannelArgs call = args;
        if (call == null) {
            return null;
        }
        if (type == String.class) {
            return type.cast(key(call));
        }
        if (type == MethodDescriptor.class) {
            return type.cast(call.getMethodDescriptor());
        }
        return type == CallOptions.class ? type.cast(call.getCallOptions()) : null;
    }

    private @Nullable String key(PickSubchannelArgs call) {
        String key = call.getCallOptions().getOption(GrpcLoadBalancing.AFFINITY);
        if (key == null && options.keyOption != null) {
            key = call.getCallOptions().getOption(options.keyOption);
        }
        if (key == null) {
            key = contextKey;
        }
        if (key == null && options.keyHeader != null) {
            key = call.getHeaders().get(options.keyHeader);
        }
        return key;
    }

    /** The headers are left out: they hold secrets, and this is printed in logs. */
    @Override
    public String toString() {
        return path();
    }
}
