package io.lbclient.grpc;

import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.lbclient.HealthChange;
import io.lbclient.NoServerAvailableException;
import io.lbclient.PoolListener;
import io.lbclient.PoolView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The policy of one channel: keeps connections to the servers, and lets a view of the pool pick among those that have
 * one. Everything but the picks, and what the view asks, runs in the channel's synchronization context.
 */
final class PoolBalancer extends LoadBalancer {
    private final Helper helper;
    private final SynchronizationContext context;
    private final ServerPool pool;
    private final Keys.Binding binding;
    private final GrpcOptions options;
    private final Guard guard;
    private final PoolView view;
    private final Contribution contribution;
    private final PoolListener listener = new Health();
    private final AutoCloseable room;
    // Written in the context, read by picks and by the view.
    private final Map<String, ServerConnections> servers = new ConcurrentHashMap<>();
    private final Map<String, ServerConnections> lingering = new HashMap<>();
    private final AtomicBoolean publishDue = new AtomicBoolean();
    private boolean refreshDue;
    private boolean joinPlanned;
    private boolean resolved;
    private @Nullable Status resolutionError;
    private volatile boolean closed;
    /** What was told to the channel last: whether there is somebody to pick, and whether somebody is being connected to. */
    private volatile boolean pickable;

    private volatile boolean connecting;
    /** Set by a pick that found nobody: the channel keeps the call, and must be told when that changes. */
    private volatile boolean starved;

    PoolBalancer(Helper helper, Keys.Binding binding) {
        this.helper = helper;
        this.context = helper.getSynchronizationContext();
        this.binding = binding;
        this.pool = binding.pool();
        this.options = binding.options();
        this.guard = new Guard(pool.name());
        this.contribution = new Contribution(pool);
        this.view = pool.view(this::belongs, this::reachable);
        this.view.awaiting(this::awaited);
        pool.addListener(listener);
        this.room = pool.onRoom(this::roomMade);
    }

    // What the view asks, under the pool's publishing lock

    /** A server that is being connected to for the first time is none yet; one that cannot be connected to is a bad one. */
    private boolean belongs(Server server) {
        ServerConnections connections = servers.get(server.id());
        return connections != null && connections.isOf(server) && (reachable(server) || connections.failed());
    }

    private boolean reachable(Server server) {
        ServerConnections connections = servers.get(server.id());
        return connections != null && (connections.ready() || (options.lazy && connections.idle()));
    }

    private boolean awaited(Server server) {
        ServerConnections connections = servers.get(server.id());
        return connections != null && connections.isOf(server) && connections.awaited();
    }

    // What gRPC calls

    @Override
    public Status acceptResolvedAddresses(ResolvedAddresses addresses) {
        try {
            return accept(addresses);
        } catch (RuntimeException | Error e) {
            guard.failed("taking over a list of servers", e);
            return Status.UNAVAILABLE
                    .withDescription(pool + ": the list of servers was not taken over")
                    .withCause(e);
        }
    }

    private Status accept(ResolvedAddresses addresses) {
        Map<Server, EquivalentAddressGroup> wanted = new LinkedHashMap<>();
        for (EquivalentAddressGroup group : addresses.getAddresses()) {
            Server server = group.getAttributes().get(Keys.SERVER);
            if (server == null) {
                server = contribution.serverOf(group);
            }
            if (server != null && binding.includes(server)) {
                wanted.putIfAbsent(server, group);
            }
        }
        contribution.publish();
        resolved = true;
        Map<String, ServerConnections> before = new HashMap<>(servers);
        wanted.forEach((server, group) -> {
            ServerConnections known = before.get(server.id());
            if (known == null) {
                known = lingering.remove(server.id());
            }
            if (known != null && known.isFor(server, group)) {
                before.remove(server.id());
                servers.put(server.id(), known);
                known.stay(server, addresses, group);
            } else {
                if (known != null) {
                    before.put(server.id(), known);
                }
                ServerConnections fresh = new ServerConnections(this, server, group);
                servers.put(server.id(), fresh);
                fresh.start(addresses);
            }
        });
        before.forEach(servers::remove);
        // The picks first: nobody must be sent to a connection that is being closed.
        refresh();
        before.forEach(this::leave);
        return servers.isEmpty() ? noServers() : Status.OK;
    }

    private void leave(String id, ServerConnections connections) {
        if (options.removalLingerNanos == 0 || servers.containsKey(id)) {
            connections.close();
            return;
        }
        ServerConnections earlier = lingering.put(id, connections);
        if (earlier != null) {
            earlier.close();
        }
        connections.linger(options.removalLingerNanos, () -> {
            lingering.remove(id, connections);
            connections.close();
        });
    }

    @Override
    public void handleNameResolutionError(Status error) {
        guard.run("an error of the resolver", () -> {
            // What is known goes on being used.
            resolutionError = error;
            if (servers.isEmpty()) {
                publish();
            }
        });
    }

    @Override
    public void requestConnection() {
        guard.run("connecting", () -> servers.values().forEach(ServerConnections::connect));
    }

    @Override
    public void shutdown() {
        closed = true;
        // Each, even if the one before it throws: what the pool still refers to would never be collected.
        for (AutoCloseable part :
                List.<AutoCloseable>of(() -> pool.removeListener(listener), room, view, contribution::close)) {
            try {
                part.close();
            } catch (Exception | Error e) {
                guard.failed("ending the policy", e);
            }
        }
        servers.values().forEach(ServerConnections::close);
        lingering.values().forEach(ServerConnections::close);
        servers.clear();
        lingering.clear();
    }

    // What the connections tell

    /** Connections that are ready at about the same time are one change to the strategy. */
    void joined() {
        if (!pickable || options.joinDelayNanos == 0) {
            refreshSoon();
        } else if (!joinPlanned) {
            joinPlanned = true;
            later("letting servers join", options.joinDelayNanos, () -> {
                joinPlanned = false;
                refreshSoon();
            });
        }
    }

    /** As many as are lost in one go are one change, too. A pick that comes before it finds another server. */
    void refreshSoon() {
        refreshDue = true;
        publishSoon();
    }

    void publishSoon() {
        if (!closed && publishDue.compareAndSet(false, true)) {
            execute("publishing", () -> {
                publishDue.set(false);
                if (refreshDue) {
                    refresh();
                } else {
                    publish();
                }
            });
        }
    }

    private void refresh() {
        refreshDue = false;
        view.refresh();
        publish();
    }

    void execute(String what, Runnable task) {
        context.execute(() -> {
            if (!closed) {
                guard.run(what, task);
            }
        });
    }

    SynchronizationContext.ScheduledHandle later(String what, long nanos, Runnable task) {
        Runnable guarded = () -> {
            if (!closed) {
                guard.run(what, task);
            }
        };
        ScheduledExecutorService timer = helper.getScheduledExecutorService();
        return context.schedule(guarded, nanos, TimeUnit.NANOSECONDS, timer);
    }

    // What the channel is told

    private void publish() {
        if (closed || (!resolved && resolutionError == null)) {
            return;
        }
        boolean anyReady = false;
        boolean anyConnecting = false;
        for (ServerConnections each : servers.values()) {
            anyReady |= each.ready();
            anyConnecting |= each.connecting();
        }
        starved = false;
        connecting = anyConnecting;
        boolean any = view.hasServers();
        pickable = any;
        if (any && anyReady) {
            helper.updateBalancingState(ConnectivityState.READY, new PoolPicker(this));
        } else if (any && options.lazy) {
            helper.updateBalancingState(
                    anyConnecting ? ConnectivityState.CONNECTING : ConnectivityState.IDLE, new PoolPicker(this));
        } else if (anyConnecting) {
            helper.updateBalancingState(ConnectivityState.CONNECTING, new FixedResultPicker(PickResult.withNoResult()));
        } else {
            helper.updateBalancingState(
                    ConnectivityState.TRANSIENT_FAILURE, new FixedResultPicker(PickResult.withError(whyNone())));
        }
    }

    private Status whyNone() {
        if (servers.isEmpty()) {
            return noServers();
        }
        String why = pool + ": no server available";
        try {
            view.pick().close();
        } catch (NoServerAvailableException e) {
            why = String.valueOf(e.getMessage());
        }
        Status status = Status.UNAVAILABLE.withDescription(why);
        for (ServerConnections each : servers.values()) {
            Status error = each.lastError();
            if (error != null) {
                return status.augmentDescription(
                                "last connection error, of " + each.server().id() + ": " + error.getDescription())
                        .withCause(error.getCause());
            }
        }
        return status;
    }

    private Status noServers() {
        Status error = resolutionError;
        Status none = Status.UNAVAILABLE.withDescription(pool + ": no servers");
        return error == null || resolved
                ? none
                : none.augmentDescription(error.toString()).withCause(error.getCause());
    }

    /** Called on any thread, often if servers have limits: the channel is told only if that may help a call. */
    private void roomMade() {
        if (starved || view.hasServers() != pickable) {
            publishSoon();
        }
    }

    // What the picker asks, on any thread

    PoolView view() {
        return view;
    }

    @Nullable ServerConnections connectionsOf(Server server) {
        return servers.get(server.id());
    }

    void starve() {
        starved = true;
    }

    boolean connecting() {
        return connecting;
    }

    ServerPool pool() {
        return pool;
    }

    GrpcOptions options() {
        return options;
    }

    Guard guard() {
        return guard;
    }

    Helper helper() {
        return helper;
    }

    /** A server that is well again is not left waiting for the time at which it would be connected to. */
    private final class Health implements PoolListener {
        @Override
        public void healthChanged(HealthChange change) {
            if (change.to().eligible() && !change.from().eligible()) {
                execute("connecting to a server that is well again", () -> {
                    ServerConnections healed = servers.get(change.server().id());
                    if (healed != null) {
                        healed.redialFailed();
                    }
                });
            }
        }
    }
}
