package io.lbclient;

import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.HealthMonitor.Watch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
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
    private int lists;

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
        List<Server> wanted = unique(next.apply(offered));
        List<Server> part = subset.apply(wanted);
        // Nearly always the whole: with ten thousand servers, looking for twins a second time is a cost.
        replace(part == wanted ? wanted : unique(part));
        offered = wanted;
    }

    /** The same server twice is one server; the same id with other settings is a contradiction. */
    private static List<Server> unique(List<Server> servers) {
        Map<String, Server> byId = new HashMap<>(capacity(servers.size()));
        List<Server> unique = new ArrayList<>(servers.size());
        for (Server server : servers) {
            Server twin = byId.putIfAbsent(server.id(), server);
            if (twin == null) {
                unique.add(server);
            } else if (!twin.equals(server)) {
                throw Checks.rejected("servers", server + " and " + twin, "one server for each id");
            }
        }
        return Collections.unmodifiableList(unique);
    }

    /** What a map must be made with so that it does not grow while so many are put into it. */
    private static int capacity(int entries) {
        return (int) Math.min(1 << 30, entries * 4L / 3 + 1);
    }

    private void replace(List<Server> wanted) {
        int number = ++lists;
        Map<String, ServerState> next = new HashMap<>(capacity(wanted.size()));
        ServerState[] states = new ServerState[wanted.size()];
        for (int i = 0; i < states.length; i++) {
            Server server = wanted.get(i);
            ServerState known = byId.get(server.id());
            states[i] = known == null ? join(server) : updated(known, server);
            states[i].listed(number);
            next.put(server.id(), states[i]);
        }
        List<ServerState> gone =
                members.stream().filter(state -> state.listing() != number).toList();
        byId = next;
        members = List.of(states);
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
