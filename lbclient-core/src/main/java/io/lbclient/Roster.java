package io.lbclient;

import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.HealthMonitor.Watch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who the servers of a pool are. Changed under the publishing lock; read without it. */
final class Roster {
    private static final Logger LOG = LoggerFactory.getLogger(ServerPool.class);

    private final PoolState pool;
    private final UnaryOperator<List<Server>> subset;
    private final List<Watch> watches;
    // Both replaced as a whole; their order is the one in which the pool was given the servers.
    private volatile Map<String, ServerState> byId = Map.of();
    private volatile List<ServerState> members = List.of();
    // Guarded by the publishing lock: the whole list, of which the members may be a part.
    private List<Server> offered = List.of();

    Roster(PoolState pool, UnaryOperator<List<Server>> subset, List<Watch> watches) {
        this.pool = pool;
        this.subset = subset;
        this.watches = watches;
    }

    List<ServerState> members() {
        return members;
    }

    /** Takes another list, made from the present one: all of it, or none of it and an exception. */
    void change(UnaryOperator<List<Server>> next) {
        List<Server> wanted = List.copyOf(byUniqueId(next.apply(offered)).values());
        replace(byUniqueId(subset.apply(wanted)));
        offered = wanted;
    }

    /** The same server twice is one server; the same id with other settings is a contradiction. */
    private static Map<String, Server> byUniqueId(List<Server> servers) {
        Map<String, Server> unique = new LinkedHashMap<>();
        for (Server server : servers) {
            Server twin = unique.putIfAbsent(server.id(), server);
            if (twin != null && !twin.equals(server)) {
                throw Checks.rejected("servers", server + " and " + twin, "one server for each id");
            }
        }
        return unique;
    }

    private void replace(Map<String, Server> wanted) {
        Map<String, ServerState> next = new LinkedHashMap<>();
        for (Server server : wanted.values()) {
            ServerState known = byId.get(server.id());
            next.put(server.id(), known == null ? join(server) : updated(known, server));
        }
        List<ServerState> gone = members.stream()
                .filter(state -> !wanted.containsKey(state.server().id()))
                .toList();
        byId = next;
        members = List.copyOf(next.values());
        gone.forEach(this::leave);
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

    private ServerState updated(ServerState state, Server after) {
        Server before = state.server();
        if (!before.equals(after)) {
            state.server(after);
            LOG.info("{}: server {} changed from {} to {}", pool.name(), after.id(), before, after);
            pool.news().add(listener -> listener.serverUpdated(pool.name(), before, after));
        }
        return state;
    }

    private void leave(ServerState state) {
        state.leave();
        watches.forEach(watch -> pool.news().guarded("a health monitor", () -> watch.left(state)));
        Server server = state.server();
        LOG.info("{}: server {} left, {} in flight", pool.name(), server.id(), state.inFlight());
        pool.news().add(listener -> listener.serverRemoved(pool.name(), server));
    }

    ServerState known(String id) {
        ServerState server = byId.get(id);
        if (server == null) {
            throw Checks.rejected("id", Checks.printable(id), "a server of " + pool.name());
        }
        return server;
    }
}
