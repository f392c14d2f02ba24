package io.lbclient.grpc;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.lbclient.Attempt;
import io.lbclient.LoadReport;
import io.lbclient.Outcome;
import io.lbclient.PoolView;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An attempt of the pool's as the stream that carries it out: it hears how that goes, and passes it on. */
final class StreamAttempt extends ClientStreamTracer {
    static final Factory FACTORY = new Factory() {
        @Override
        public ClientStreamTracer newClientStreamTracer(StreamInfo info, Metadata headers) {
            GrpcCall call = info.getCallOptions().getOption(Keys.CALL);
            return orNone(call == null ? null : call.claim());
        }
    };

    private static final VarHandle PHASE;
    private static final ClientStreamTracer NONE = new ClientStreamTracer() {};

    private static final int PICKED = 0;
    private static final int CLAIMED = 1;
    private static final int ABANDONED = 2;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(StreamAttempt.class, "phase", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final GrpcCall call;
    private final PoolView view;
    private final Attempt attempt;
    private final Thread picker = Thread.currentThread();
    private volatile int phase;
    private volatile boolean sent;
    private volatile boolean headers;
    private volatile boolean trailers;
    private volatile @Nullable Metadata gaveFirst;
    private volatile @Nullable Metadata gaveLast;
    /** Written before this is pushed on to the call's attempts, and never after. */
    @Nullable StreamAttempt before;

    StreamAttempt(GrpcCall call, PoolView view, Attempt attempt) {
        this.call = call;
        this.view = view;
        this.attempt = attempt;
    }

    static ClientStreamTracer orNone(@Nullable StreamAttempt stream) {
        return Objects.requireNonNullElse(stream, NONE);
    }

    Attempt attempt() {
        return attempt;
    }

    PoolView view() {
        return view;
    }

    boolean isUnclaimed(Thread thread) {
        return picker == thread && phase == PICKED;
    }

    boolean claim() {
        return PHASE.compareAndSet(this, PICKED, CLAIMED);
    }

    boolean claimed() {
        return phase == CLAIMED;
    }

    /** Whether metadata came from this stream. */
    boolean gave(@Nullable Metadata metadata) {
        return metadata != null && (metadata == gaveFirst || metadata == gaveLast);
    }

    /** Whether anything came from the server. */
    boolean heard() {
        return headers || trailers;
    }

    /** The pick has come to nothing: no stream was made. */
    void abandon() {
        if (PHASE.compareAndSet(this, PICKED, ABANDONED)) {
            attempt.complete(Outcome.NOT_SENT);
        }
    }

    /** The call is over. Does nothing if the stream has ended before it. */
    void leave() {
        abandon();
        attempt.complete(!sent ? Outcome.NOT_SENT : cancelled());
    }

    private Outcome cancelled() {
        return call.expired() ? Outcome.TIMEOUT : Outcome.CANCELLED;
    }

    // What gRPC tells. Nothing may be thrown: the call would hang for ever.

    @Override
    public void outboundHeaders() {
        sent = true;
    }

    // Called by newer gRPC, in place of the method without metadata.
    @Override
    public void inboundHeaders(Metadata metadata) {
        gaveFirst = metadata;
        inboundHeaders();
    }

    @Override
    public void inboundHeaders() {
        headers = true;
        call.guard().run("the beginning of an answer", () -> {
            if (call.streams()) {
                attempt.answered();
            }
        });
    }

    @Override
    public void inboundTrailers(Metadata metadata) {
        trailers = true;
        gaveLast = metadata;
        call.guard().run("the end of an answer", () -> {
            LoadReport report = OrcaReport.of(metadata);
            if (report != null) {
                attempt.report(report);
            }
            Duration pushBack = PushBack.of(metadata);
            if (pushBack != null) {
                attempt.pushBack(pushBack);
            }
        });
    }

    @Override
    public void streamClosed(Status status) {
        Outcome outcome = Outcome.CANCELLED;
        try {
            outcome = outcomeOf(status);
        } catch (RuntimeException | Error e) {
            call.guard().failed("the classifier", e);
            outcome = Outcomes.of(status);
        } finally {
            complete(outcome);
        }
    }

    private void complete(Outcome outcome) {
        call.guard().run("the end of an attempt", () -> attempt.complete(outcome));
    }

    private Outcome outcomeOf(Status status) {
        if (!sent) {
            return Outcome.NOT_SENT;
        }
        if (status.getCode() == Status.Code.CANCELLED) {
            return cancelled();
        }
        // What came without trailers is this side's word: an answer that is larger than the caller allows, for example.
        if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED && !trailers) {
            return Outcome.CANCELLED;
        }
        return Objects.requireNonNull(call.options().classifier.apply(status), "the classifier's outcome");
    }
}
