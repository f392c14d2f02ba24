package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.lbclient.routing.Destination;
import io.lbclient.session.SessionCarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends copies of unary calls to shadow pools, a bounded number at once, and drops their answers. Whatever becomes of a
 * copy, the call that it is one of never knows.
 */
final class Mirrors {
    private static final long LONGEST_SECONDS = 10;
    /** What ended a call is not held up by its copy. */
    private static final Executor ELSEWHERE = ForkJoinPool.commonPool();

    private final PoolChannels channels;
    private final Guard guard;
    private final int most;
    private final AtomicInteger underWay = new AtomicInteger();

    Mirrors(PoolChannels channels, Guard guard, int most) {
        this.channels = channels;
        this.guard = guard;
        this.most = most;
    }

    /** Takes what a call begins with, before its channel adds to that. */
    <Q, A> Copy<Q, A> copy(Destination shadow, MethodDescriptor<Q, A> method, CallOptions options, Metadata headers) {
        Metadata own = new Metadata();
        own.merge(headers);
        return new Copy<>(shadow, method, options, own, Context.current().fork());
    }

    /** One copy. */
    final class Copy<Q, A> {
        private final Destination shadow;
        private final MethodDescriptor<Q, A> method;
        private final CallOptions options;
        private final Metadata headers;
        /** With its values, such as a tracing span or a key, and without its cancellation. */
        private final Context context;

        private volatile @Nullable Q message;

        private Copy(
                Destination shadow,
                MethodDescriptor<Q, A> method,
                CallOptions options,
                Metadata headers,
                Context context) {
            this.shadow = shadow;
            this.method = method;
            this.options = options;
            this.headers = headers;
            this.context = context;
        }

        void message(Q sent) {
            message = sent;
        }

        void send() {
            Q sent = message;
            if (sent == null || !take()) {
                return;
            }
            try {
                ELSEWHERE.execute(() -> guard.run("mirroring a call", () -> begin(sent)));
            } catch (RuntimeException | Error e) {
                underWay.decrementAndGet();
                guard.failed("mirroring a call", e);
            }
        }

        private boolean take() {
            if (underWay.incrementAndGet() <= most) {
                return true;
            }
            underWay.decrementAndGet();
            return false;
        }

        private void begin(Q sent) {
            boolean started = false;
            PoolChannel channel = null;
            try {
                channel = channels.enter(shadow);
                if (channel != null) {
                    ClientCall<Q, A> call = channel.channel.newCall(method, settings());
                    context.run(() -> call.start(new Dropped<>(underWay), headers));
                    started = true;
                    call.request(2);
                    call.sendMessage(sent);
                    call.halfClose();
                }
            } finally {
                if (!started) {
                    underWay.decrementAndGet();
                }
                if (channel != null) {
                    channel.leave();
                }
            }
        }

        /** Not the caller's executor, which for a blocking call is its thread, nor its deadline, which may be over. */
        private CallOptions settings() {
            CallOptions own = options.withExecutor(ELSEWHERE)
                    .withDeadlineAfter(LONGEST_SECONDS, TimeUnit.SECONDS)
                    .withoutWaitForReady();
            SessionCarrier carrier = own.getOption(GrpcLoadBalancing.tag(SessionCarrier.class));
            return carrier == null
                    ? own
                    : own.withOption(GrpcLoadBalancing.tag(SessionCarrier.class), new SessionCarrier(carrier.token()));
        }
    }

    private static final class Dropped<A> extends ClientCall.Listener<A> {
        private final AtomicInteger underWay;

        Dropped(AtomicInteger underWay) {
            this.underWay = underWay;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            underWay.decrementAndGet();
        }
    }
}
