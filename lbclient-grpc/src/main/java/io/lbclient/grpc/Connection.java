package io.lbclient.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.Helper;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.ResolvedAddresses;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.SynchronizationContext.ScheduledHandle;
import io.grpc.util.ForwardingLoadBalancerHelper;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a server, which gRPC's own policy {@code pick_first} makes and keeps. Used in the synchronization
 * context only.
 */
final class Connection {
    private static final double JITTER = 0.2;

    private final PoolBalancer owner;
    private final ServerConnections server;
    // Null until the connection is wanted.
    private @Nullable LoadBalancer child;
    private @Nullable ChildHelper childHelper;
    private @Nullable ResolvedAddresses addresses;
    private ConnectivityState state = ConnectivityState.IDLE;
    private @Nullable PickResult ready;
    private boolean failed;
    private @Nullable Status lastError;
    private @Nullable ScheduledHandle redial;
    private boolean closed;

    Connection(PoolBalancer owner, ServerConnections server) {
        this.owner = owner;
        this.server = server;
    }

    void start(ResolvedAddresses from, EquivalentAddressGroup group) {
        addresses = addressesOf(from, group);
        if (!owner.options().lazy) {
            dial();
        }
    }

    private static ResolvedAddresses addressesOf(ResolvedAddresses from, EquivalentAddressGroup group) {
        Attributes attributes = from.getAttributes().toBuilder()
                .set(LoadBalancer.IS_PETIOLE_POLICY, true)
                .build();
        return ResolvedAddresses.newBuilder()
                .setAddresses(List.of(group))
                .setAttributes(attributes)
                .build();
    }

    void update(ResolvedAddresses from, EquivalentAddressGroup group) {
        addresses = addressesOf(from, group);
        if (child != null) {
            Status unused = child.acceptResolvedAddresses(addresses);
        }
    }

    /** What was there before is closed after its successor has begun, and what it still says is not heard. */
    private void dial() {
        ResolvedAddresses wanted = addresses;
        if (closed || wanted == null) {
            return;
        }
        LoadBalancer before = child;
        state = ConnectivityState.CONNECTING;
        ready = null;
        childHelper = new ChildHelper(owner.helper());
        child = LoadBalancerRegistry.getDefaultRegistry()
                .getProvider("pick_first")
                .newLoadBalancer(childHelper);
        Status unused = child.acceptResolvedAddresses(wanted);
        if (before != null) {
            before.shutdown();
        }
    }

    void connect() {
        if (child == null) {
            dial();
            server.update();
        } else if (state == ConnectivityState.IDLE) {
            child.requestConnection();
        }
    }

    void redialIfFailed() {
        if (failed && ready == null && state != ConnectivityState.CONNECTING) {
            cancelRedial();
            dial();
            server.update();
        }
    }

    private void changed(ConnectivityState now, SubchannelPicker picker) {
        if (closed) {
            return;
        }
        state = now;
        ready = null;
        switch (now) {
            case READY -> {
                ready = resultOf(picker.pickSubchannel(ANY_CALL));
                failed = false;
                lastError = null;
                cancelRedial();
            }
            case TRANSIENT_FAILURE -> {
                failed = true;
                lastError = picker.pickSubchannel(ANY_CALL).getStatus();
                redialLater();
            }
            case IDLE -> reconnect();
            default -> {}
        }
        server.update();
    }

    private void reconnect() {
        if (child != null && !owner.options().lazy && !server.lingering()) {
            child.requestConnection();
        }
    }

    /** The tracers find their stream by the call's options, so one result serves all calls. */
    private static PickResult resultOf(PickResult childs) {
        String authority = childs.getAuthorityOverride();
        return authority == null
                ? PickResult.withSubchannel(childs.getSubchannel(), StreamAttempt.FACTORY)
                : PickResult.withSubchannel(childs.getSubchannel(), StreamAttempt.FACTORY, authority);
    }

    /** gRPC waits longer after each failure, up to two minutes, and has no way to be told otherwise. */
    private void redialLater() {
        if (redial != null || server.lingering() || ejectedByGrpc()) {
            return;
        }
        long nanos = owner.options().reconnectNanos;
        long jittered =
                (long) (nanos * (1 - JITTER * ThreadLocalRandom.current().nextDouble()));
        redial = owner.later("connecting again", jittered, () -> {
            redial = null;
            redialIfFailed();
        });
    }

    /** gRPC's outlier detection around this policy says so of connections that are there; another would be no better. */
    private boolean ejectedByGrpc() {
        Status error = lastError;
        return error != null
                && error.getDescription() != null
                && error.getDescription().contains("outlier detection");
    }

    private void cancelRedial() {
        if (redial != null) {
            redial.cancel();
            redial = null;
        }
    }

    void close() {
        closed = true;
        cancelRedial();
        if (child != null) {
            owner.guard().run("closing a connection", child::shutdown);
        }
    }

    ConnectivityState state() {
        return state;
    }

    @Nullable PickResult ready() {
        return ready;
    }

    boolean failed() {
        return failed;
    }

    @Nullable Status lastError() {
        return lastError;
    }

    private final class ChildHelper extends ForwardingLoadBalancerHelper {
        private final Helper channel;

        ChildHelper(Helper channel) {
            this.channel = channel;
        }

        @Override
        protected Helper delegate() {
            return channel;
        }

        @Override
        public void updateBalancingState(ConnectivityState now, SubchannelPicker picker) {
            if (childHelper == this) {
                owner.guard().run("a change of a connection", () -> changed(now, picker));
            }
        }
    }

    /** Asks {@code pick_first} for its only connection, which is the same for all calls. */
    private static final PickSubchannelArgs ANY_CALL = new PickSubchannelArgs() {
        private final Metadata none = new Metadata();

        @Override
        public CallOptions getCallOptions() {
            return CallOptions.DEFAULT;
        }

        @Override
        public Metadata getHeaders() {
            return none;
        }

        @Override
        public MethodDescriptor<?, ?> getMethodDescriptor() {
            throw new UnsupportedOperationException("no call");
        }
    };
}
