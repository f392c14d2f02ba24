package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.lbclient.routing.Decision;
import io.lbclient.routing.Destination;
import io.lbclient.routing.NoRouteException;
import io.lbclient.routing.Router;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A channel over the channels of the pools that a router leads to. */
final class RoutedChannel extends ManagedChannel {
    /** How often a call is decided anew because the rules were replaced just then. */
    private static final int TURNS = 16;

    private final Router router;
    private final String authority;
    private final PoolChannels channels;
    private final Guard guard;
    private final Mirrors mirrors;

    /** Where a call goes; the channel is entered. Else why it goes nowhere. */
    record Way(
            @Nullable PoolChannel channel,
            @Nullable Destination mirror,
            @Nullable Status refusal) {
        static Way none(Status refusal) {
            return new Way(null, null, refusal);
        }
    }

    RoutedChannel(GrpcRouting.Builder settings) {
        router = settings.router;
        authority = settings.authority;
        channels = new PoolChannels(router, settings.channels);
        guard = new Guard(router.name());
        mirrors = new Mirrors(channels, guard, settings.mirrors);
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
        return new RoutedCall<>(this, method, options);
    }

    /** Throws nothing: a call that goes nowhere has to be told so as calls are. */
    Way way(CallView view) {
        try {
            return decide(view);
        } catch (NoRouteException e) {
            return Way.none(Status.UNAVAILABLE.withDescription(e.getMessage()));
        } catch (RuntimeException | Error e) {
            guard.failed("routing a call", e);
            return Way.none(Status.UNAVAILABLE
                    .withDescription(router.name() + ": the call was not routed: " + e)
                    .withCause(e));
        }
    }

    private Way decide(CallView view) {
        for (int turn = 0; turn < TURNS && !channels.closed(); turn++) {
            Decision decision = router.route(view);
            PoolChannel channel = channels.enter(chosen(decision));
            if (channel != null) {
                return new Way(channel, decision.mirror(), null);
            }
        }
        return Way.none(Status.UNAVAILABLE.withDescription(router.name()
                + (channels.closed() ? ": the channel is shut down" : ": the rules change all the time")));
    }

    /** The fallback where a pick at the destination would fail: nobody is there, has room, or can be connected to. */
    private Destination chosen(Decision decision) {
        Destination fallback = decision.fallback();
        Destination first = decision.destination();
        return fallback != null && (!first.hasRoom() || channels.unreachable(first)) ? fallback : first;
    }

    Mirrors mirrors() {
        return mirrors;
    }

    @Override
    public String authority() {
        return authority;
    }

    @Override
    public ManagedChannel shutdown() {
        channels.close();
        return this;
    }

    @Override
    public ManagedChannel shutdownNow() {
        channels.close();
        channels.all().forEach(ManagedChannel::shutdownNow);
        return this;
    }

    @Override
    public boolean isShutdown() {
        return channels.closed();
    }

    @Override
    public boolean isTerminated() {
        return channels.closed() && channels.all().stream().allMatch(ManagedChannel::isTerminated);
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        Deadline end = Deadline.after(timeout, unit);
        for (ManagedChannel each : channels.all()) {
            if (!each.awaitTermination(end.timeRemaining(TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS)) {
                return false;
            }
        }
        return isTerminated();
    }

    @Override
    public void resetConnectBackoff() {
        channels.all().forEach(ManagedChannel::resetConnectBackoff);
    }

    @Override
    public void enterIdle() {
        channels.all().forEach(ManagedChannel::enterIdle);
    }

    @Override
    public String toString() {
        return "a channel routed by " + router.name();
    }
}
