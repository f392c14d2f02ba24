package io.lbclient.grpc;

import io.grpc.ClientStreamTracer;
import io.grpc.Deadline;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.Metadata;
import io.grpc.Status;
import io.lbclient.Affinity;
import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.PoolView;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call, and its attempts: where it has been, and which of them are still to be ended. Retries and hedges of gRPC's
 * pick for it on several threads at once.
 *
 * <p>A pick is not yet a stream: gRPC may find the connection gone, and pick again later. Where it does make a stream, it
 * asks for the tracer on the thread that picked, right after it; so what a thread picked and did not claim before it picks
 * again has come to nothing.
 */
final class GrpcCall {
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
    private final CallView view;
    private final @Nullable Deadline contextDeadline;
    /** The attempts, each with the one before it. */
    private volatile @Nullable StreamAttempt newest;

    private volatile boolean finished;

    GrpcCall(GrpcOptions options, Guard guard, CallView view, @Nullable Deadline contextDeadline) {
        this.options = options;
        this.guard = guard;
        this.view = view;
        this.contextDeadline = contextDeadline;
    }

    // Picks

    StreamAttempt pick(PoolView from, PickSubchannelArgs call) {
        view.picked(call);
        abandonUnclaimed();
        StreamAttempt last = lastClaimed();
        // A channel that was idle in between has another view, and knows nothing of the former one.
        Attempt attempt = last == null || last.view() != from
                ? from.pick(view)
                : last.attempt().another();
        return push(from, attempt);
    }

    /** Somewhere else than where there turned out to be no connection. */
    StreamAttempt pickInstead(StreamAttempt stream) {
        abandon(stream);
        return push(stream.view(), stream.attempt().another());
    }

    private StreamAttempt push(PoolView from, Attempt attempt) {
        StreamAttempt stream = new StreamAttempt(this, from, attempt);
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

    // Sessions

    /**
     * The caller gets an answer: binds its session to the server that gave it. Of several attempts that is not always the
     * last, so it is known by the metadata that came from it.
     *
     * @return what the caller is to carry
     */
    List<Affinity.Token> answered(@Nullable Metadata headers, @Nullable Metadata trailers) {
        List<Affinity.Token> tokens = new ArrayList<>(0);
        guard.run("binding a session", () -> {
            StreamAttempt stream = answering(headers, trailers);
            if (stream != null) {
                tokens.addAll(stream.attempt().bind(name -> valuesOf(name, headers, trailers)));
            }
        });
        return tokens;
    }

    private @Nullable StreamAttempt answering(@Nullable Metadata headers, @Nullable Metadata trailers) {
        for (StreamAttempt each = newest; each != null; each = each.before) {
            if (each.gave(headers) || each.gave(trailers)) {
                return each;
            }
        }
        // Something between here and the stream has copied them; or it was this side that ended the call.
        StreamAttempt last = lastClaimed();
        return last != null && last.heard() ? last : null;
    }

    private static List<String> valuesOf(String name, @Nullable Metadata headers, @Nullable Metadata trailers) {
        List<String> values = new ArrayList<>();
        Metadata.Key<String> key = CallView.asciiKey(name);
        if (key != null) {
            for (Metadata some : new Metadata[] {headers, trailers}) {
                Iterable<String> found = some == null ? null : some.getAll(key);
                if (found != null) {
                    found.forEach(values::add);
                }
            }
        }
        return values;
    }

    /** Whether a status is an answer of a server that works, as far as the classifier goes. */
    boolean isGood(Status status) {
        boolean[] good = {false};
        guard.run("the classifier", () -> good[0] = options.classifier.apply(status) == Outcome.SUCCESS);
        return good[0];
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
        Deadline deadline = view.callOptions().getDeadline();
        return (deadline != null && deadline.isExpired()) || (contextDeadline != null && contextDeadline.isExpired());
    }

    /** Whether the server sends any number of messages, so that the first one and not the last tells how quick it is. */
    boolean streams() {
        return !view.descriptor().getType().serverSendsOneMessage();
    }
}
