package io.lbclient.grpc;

import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.ResolvedAddresses;
import io.grpc.Status;
import io.grpc.SynchronizationContext.ScheduledHandle;
import io.lbclient.Outcome;
import io.lbclient.Server;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one channel to one server. Changed in the channel's synchronization context; picks read who is
 * ready.
 */
final class ServerConnections {
    private static final PickResult[] NONE = {};

    private final PoolBalancer owner;
    private final EquivalentAddressGroup group;
    private final Connection[] all;
    private volatile Server server;
    private volatile PickResult[] ready = NONE;
    /** There is none, and the last try to make one failed: until one is ready again. */
    private volatile boolean failed;

    private volatile boolean idle;
    private boolean connecting;
    /** It is being connected to, and has been for so short a time that the sessions that belong there wait for it. */
    private volatile boolean awaited;

    private @Nullable ScheduledHandle patience;
    // Turns are taken by many threads, and it does not matter if two of them take the same one.
    private int turn;
    private @Nullable ScheduledHandle farewell;

    ServerConnections(PoolBalancer owner, Server server, EquivalentAddressGroup group) {
        this.owner = owner;
        this.server = server;
        this.group = group;
        this.all = IntStream.range(0, owner.options().connectionsPerServer)
                .mapToObj(i -> new Connection(owner, this))
                .toArray(Connection[]::new);
    }

    void start(ResolvedAddresses addresses) {
        for (Connection connection : all) {
            connection.start(addresses, group);
        }
        update();
    }

    /** Whether these connections are to where the server listens now. */
    boolean isOf(Server other) {
        Server mine = server;
        return mine.port() == other.port() && mine.host().equals(other.host());
    }

    /** Whether a server of these settings needs no other connections. */
    boolean isFor(Server other, EquivalentAddressGroup others) {
        return isOf(other)
                && group.getAddresses().equals(others.getAddresses())
                && Objects.equals(authority(group), authority(others));
    }

    private static @Nullable String authority(EquivalentAddressGroup group) {
        return group.getAttributes().get(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE);
    }

    /** It is listed again, perhaps with other settings. */
    void stay(Server now, ResolvedAddresses addresses, EquivalentAddressGroup others) {
        server = now;
        if (farewell != null) {
            farewell.cancel();
            farewell = null;
            connect();
        }
        // What another resolver hangs on to the address is of that one's concern, and has to reach the connection.
        if (others.getAttributes().get(Keys.SERVER) == null && !others.equals(group)) {
            for (Connection connection : all) {
                connection.update(addresses, others);
            }
        }
    }

    void linger(long nanos, Runnable end) {
        farewell = owner.later("closing the connections of a removed server", nanos, end);
    }

    boolean lingering() {
        return farewell != null;
    }

    void connect() {
        for (Connection connection : all) {
            connection.connect();
        }
    }

    void redialFailed() {
        for (Connection connection : all) {
            connection.redialIfFailed();
        }
    }

    void close() {
        if (farewell != null) {
            farewell.cancel();
        }
        await(false);
        for (Connection connection : all) {
            connection.close();
        }
        ready = NONE;
    }

    /** What has become of the connections taken together, after one of them has changed. */
    void update() {
        boolean wasReady = ready();
        boolean wasFailed = failed;
        PickResult[] before = ready;
        ready = Stream.of(all).map(Connection::ready).filter(Objects::nonNull).toArray(PickResult[]::new);
        failed = !ready() && Stream.of(all).anyMatch(Connection::failed);
        idle = Stream.of(all).allMatch(each -> each.state() == ConnectivityState.IDLE);
        boolean wasConnecting = connecting;
        connecting = !ready() && !failed && !(idle && owner.options().lazy);
        if (connecting != wasConnecting) {
            await(connecting);
        }
        if (failed && !wasFailed && !lingering()) {
            tellPool();
        }
        if (ready.length > before.length && !wasReady) {
            owner.joined();
        } else if (wasReady != ready() || wasFailed != failed) {
            owner.refreshSoon();
        } else {
            owner.publishSoon();
        }
    }

    private void await(boolean begin) {
        if (patience != null) {
            patience.cancel();
            patience = null;
        }
        long nanos = owner.options().sessionWaitNanos;
        awaited = begin && nanos > 0;
        if (awaited) {
            patience = owner.later("ending the wait of sessions", nanos, () -> {
                patience = null;
                awaited = false;
                owner.refreshSoon();
            });
        }
    }

    /** Once for each outage: detectors count answers, and a server that is connected to over and over gives none. */
    private void tellPool() {
        owner.guard().run("telling the pool of a failure to connect", () -> {
            try {
                owner.pool().attempt(server.id()).complete(Outcome.CONNECT_FAILURE);
            } catch (IllegalArgumentException e) {
                // It has left the pool in this moment, and is about to leave this channel.
            }
        });
    }

    /** Returns where a call goes, or null if there is no connection just now. Called by picks. */
    @Nullable PickResult next() {
        PickResult[] connections = ready;
        return switch (connections.length) {
            case 0 -> null;
            case 1 -> connections[0];
            default -> connections[Integer.remainderUnsigned(turn++, connections.length)];
        };
    }

    /** Called by picks: somebody wants a connection to a server that is only connected to when needed. */
    void wake() {
        owner.execute("connecting", this::connect);
    }

    boolean ready() {
        return ready.length > 0;
    }

    boolean failed() {
        return failed;
    }

    boolean idle() {
        return idle;
    }

    boolean awaited() {
        return awaited;
    }

    boolean connecting() {
        return connecting;
    }

    Server server() {
        return server;
    }

    @Nullable Status lastError() {
        return Stream.of(all)
                .map(Connection::lastError)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }
}
