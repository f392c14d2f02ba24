package io.lbclient.grpc;

import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.Status;
import io.lbclient.NoServerAvailableException;
import io.lbclient.PoolView;

/** Lets the pool's view pick, and finds the connection. Called by many threads at once. */
final class PoolPicker extends SubchannelPicker {
    /** How many servers may turn out to have lost their connection just now before the call waits for the next picker. */
    private static final int TURNS = 4;

    private final PoolBalancer owner;
    private final PoolView view;

    PoolPicker(PoolBalancer owner) {
        this.owner = owner;
        this.view = owner.view();
    }

    @Override
    public PickResult pickSubchannel(PickSubchannelArgs args) {
        try {
            return pick(args);
        } catch (NoServerAvailableException e) {
            // Whoever is waited for, the next picker comes when that is over.
            return e.awaited() ? PickResult.withNoResult() : again(args);
        } catch (RuntimeException | Error e) {
            return failed(e);
        }
    }

    /** Once more after it was noted that somebody waits: what changed before that may have been told to nobody. */
    private PickResult again(PickSubchannelArgs args) {
        owner.starve();
        try {
            return pick(args);
        } catch (NoServerAvailableException e) {
            // With an error, calls that wait for a server that is ready do so, and the others fail.
            return e.awaited() || (owner.connecting() && !e.full())
                    ? PickResult.withNoResult()
                    : PickResult.withError(Status.UNAVAILABLE.withDescription(e.getMessage()));
        } catch (RuntimeException | Error e) {
            return failed(e);
        }
    }

    private PickResult failed(Throwable failure) {
        owner.guard().failed("a pick", failure);
        return PickResult.withError(Status.UNAVAILABLE
                .withDescription(owner.pool() + ": the pick failed: " + failure)
                .withCause(failure));
    }

    private PickResult pick(PickSubchannelArgs args) {
        GrpcCall call = args.getCallOptions().getOption(Keys.CALL);
        return call == null ? pickForeign(args) : pick(call, args);
    }

    private PickResult pick(GrpcCall call, PickSubchannelArgs args) {
        StreamAttempt stream = call.pick(view, args);
        boolean woken = owner.connecting();
        for (int turn = 0; turn < TURNS; turn++) {
            ServerConnections connections = owner.connectionsOf(stream.attempt().server());
            PickResult connection = connections == null ? null : connections.next();
            if (connection != null) {
                return connection;
            }
            // One connection for one call: the servers that are looked at on the way to one that is ready stay as they
            // are.
            if (connections != null && connections.idle() && !woken) {
                connections.wake();
                woken = true;
            }
            stream = call.pickInstead(stream);
        }
        call.abandon(stream);
        return PickResult.withNoResult();
    }

    /** A call that did not pass the interceptor: its tracer cannot be found by its options, and gets a result of its own. */
    private PickResult pickForeign(PickSubchannelArgs args) {
        CallView seen = new CallView(
                owner.options(),
                args.getMethodDescriptor(),
                args.getCallOptions(),
                owner.helper().getAuthority(),
                null);
        GrpcCall call = new GrpcCall(owner.options(), owner.guard(), seen, null);
        PickResult connection = pick(call, args);
        return connection.getSubchannel() == null
                ? connection
                : PickResult.withSubchannel(
                        connection.getSubchannel(), call.tracers(), connection.getAuthorityOverride());
    }
}
