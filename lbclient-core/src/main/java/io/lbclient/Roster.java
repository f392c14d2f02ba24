package io.lbclient;

import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.HealthMonitor.Watch;
import io.lbclient.internal.Checks;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who the servers of a pool are. Changed under the publishing lock; read without it. */
final class Roster {
    private static final Logger LOG = LoggerFactory.getLogger(ServerPool.class);

    private final PoolState pool;
    private final @Nullable UnaryOperator<List<Server>> subset;
    private final List<Watch> watches;
    private final Map<String, ServerState> byId = new ConcurrentHashMap<>();
    // Replaced as a whole; its order is the one in which the pool was given the servers.
    private volatile List<ServerState> members = List.of();
    // Guarded by the publishing lock: what the pool was given, and the part of it that the members are.
    private List<Server> offered = List.of();
    private List<Server> part = List.of();

    Roster(PoolState pool, @Nullable UnaryOperator<List<Server>> subset, List<Watch> watches) {
        this.pool = pool;
        this.subset = subset;
        this.watches = watches;
    }

    List<ServerState> members() {
        return members;
    }

    /** Takes another list, made from the present one: all of it, or none of it and an exception. */
    void change(UnaryOperator<List<Server>> next) {
        List<Server> given = List.copyOf(next.apply(offered));
        if (subset == null) {
            replace(given);
            offered = part;
        } else {
            List<Server> wanted = RosterChange.unique(given);
            replace(List.copyOf(subset.apply(wanted)));
            offered = wanted;
        }
    }

    private void replace(List<Server> wanted) {
        RosterChange change = RosterChange.between(part, members, byId, wanted);
        part = change.servers();
        if (change.isNone()) {
            return;
        }
        ServerState[] states = change.states();
        for (int at : change.newOrOther()) {
            Server server = part.get(at);
            if (states[at] == null) {
                states[at] = join(server);
                byId.put(server.id(), states[at]);
            } else {
                updated(states[at], server);
            }
        }
        change.gone().forEach(state -> byId.remove(state.server().id()));
        members = List.of(states);
        change.gone().forEach(this::leave);
    }

    private ServerState join(Server server) {
        ServerState state = new ServerState(pool, server);
        LOG.info("{}: server {} joined", pool.name(), server.id());
        // Queued before the monitors see it, so that what they raise at once is told after the joining.
        pool.news().add(listener -> listener.serverAdded(pool.name(), server));
        state.observedBy(watches.stream().map(watch -> observer(watch, state)).toList());
        return state;
    }

    private OutcomeObserver observer(Watch watch, ServerState state) {
        try {
            return watch.joined(state);
        } catch (RuntimeException | Error e) {
            pool.news().failed("a health monitor, so it does not see how attempts at " + state + " end", e);
            return OutcomeObserver.NONE;
        }
    }

    private void updated(ServerState state, Server after) {
        Server before = state.server();
        if (!before.equals(after)) {
            state.server(after);
            LOG.info("{}: server {} changed from {} to {}", pool.name(), after.id(), before, after);
            pool.news().add(listener -> listener.serverUpdated(pool.name(), before, after));
        }
    }

    private void leave(ServerState state) {
        state.leave();
        watches.forEach(watch -> pool.news().guarded("a health monitor", () -> watch.left(state)));
        Server server = state.server();
        LOG.info("{}: server {} left, {} in flight", pool.name(), server.id(), state.inFlight());
        pool.news().add(listener -> listener.serverRemoved(pool.name(), server));
    }

    /** Returns the state of a server, null if there is none with this id. */
    @Nullable ServerState find(String id) {
        return byId.get(id);
    }

    ServerState known(String id) {
        ServerState server = byId.get(id);
        if (server == null) {
            throw Checks.rejected("id", Checks.printable(id), "a server of " + pool.name());
        }
        return server;
    }
}
