package io.lbclient;

import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A part of a pool: the servers that meet a condition, with the pool's statistics and health, and a picker of its own.
 *
 * <p>A gRPC channel uses the servers whose connection is ready, a route those with a tag, a database pool those that
 * hold the primary role. A view follows its pool: what joins, leaves or falls ill there does so here. Close it when its
 * owner ends; closing the pool closes its views. Safe for use by many threads.
 */
public final class PoolView implements AutoCloseable {
    /** Need not be asked. */
    static final Predicate<Server> EVERY_SERVER = server -> true;

    private final PoolState pool;
    private final String name;
    private final Predicate<? super Server> condition;
    private final Predicate<? super Server> reachable;
    private volatile @Nullable Predicate<? super Server> coming;
    private volatile Snapshot snapshot;
    // Null in a pool without affinity. Set with the snapshot; a pick that finds one of two different moments is still
    // right.
    private volatile @Nullable StickyPick sticky;
    // Guarded by the pool's publishing lock.
    private boolean closed;
    private final Map<Group.Key, Balancer.Picker> pickers = new HashMap<>();

    PoolView(PoolState pool, String name, Predicate<? super Server> condition, Predicate<? super Server> reachable) {
        this.pool = pool;
        this.name = name;
        this.condition = condition;
        this.reachable = reachable;
        this.snapshot = Snapshot.empty(name, "0 servers");
    }

    /**
     * Picks a server for a request of which nothing is known.
     *
     * @return the attempt, in flight from now on
     * @throws NoServerAvailableException if no server may be picked
     */
    public Attempt pick() {
        return pick(RequestView.EMPTY, null);
    }

    /**
     * Picks a server for a request.
     *
     * @param request the request
     * @return the attempt, in flight from now on
     * @throws NoServerAvailableException if no server may be picked
     */
    public Attempt pick(RequestView request) {
        return pick(request, null);
    }

    Attempt pick(RequestView request, @Nullable Attempt previous) {
        Attempt attempt = new Attempt(this, request, previous, pool.ticker().read());
        StickyPick bySession = sticky;
        if (bySession == null) {
            return snapshot.pick(attempt, previous != null);
        }
        return previous == null ? bySession.first(snapshot, attempt) : bySession.again(snapshot, attempt, previous);
    }

    boolean hasUntried(Attempt attempt) {
        Affinity.Bond bond = attempt.bond();
        return (bond == null || !bond.strict()) && snapshot.hasUntried(attempt);
    }

    Attempt attempt(ServerState server) {
        Attempt attempt =
                new Attempt(this, RequestView.EMPTY, null, pool.ticker().read());
        attempt.begin(server);
        return attempt;
    }

    /**
     * Returns whether a pick would find a server, as things stand. Where servers have limits it may still find all of
     * them full.
     *
     * @return false if every pick fails
     */
    public boolean hasServers() {
        return snapshot.hasServers();
    }

    /**
     * Returns whether a pick would find a server with room, as things stand.
     *
     * @return false if every pick fails
     */
    public boolean hasRoom() {
        return snapshot.hasRoom();
    }

    /**
     * Returns whether a server meets the view's condition, whatever its health.
     *
     * @param server a server of the pool
     * @return true if it does; false also if the condition throws
     */
    public boolean includes(Server server) {
        return meets(condition, server);
    }

    /**
     * Sets for which servers the sessions that belong there shall wait, though they cannot be picked yet: an owner with
     * connections of its own says so while it connects. The pick of such a request fails, with {@link
     * NoServerAvailableException#awaited()}. Takes effect with the next {@link #refresh()}. Default: none.
     *
     * @param expected which servers are about to be reachable, asked as the condition is
     */
    public void awaiting(Predicate<? super Server> expected) {
        coming = expected;
    }

    /**
     * Asks the condition again for every server; call it when an answer has changed for another reason than an update
     * of the pool. The view is up to date when this returns.
     */
    public void refresh() {
        pool.rebuild(this);
    }

    /** Ends the view: its picks fail from now on. The pool and what is in flight go on. */
    @Override
    public void close() {
        pool.close(this);
    }

    /** Called with the publishing lock held. */
    void rebuild(List<ServerState> all) {
        if (closed) {
            return;
        }
        List<ServerState> members = condition == EVERY_SERVER
                ? all
                : all.stream().filter(state -> meets(condition, state.server())).toList();
        Set<ServerState> away = away(members);
        snapshot = new Grouping(pool, name, snapshot, members, away, pickers).snapshot();
        List<ServerState> reached = away.isEmpty()
                ? members
                : members.stream().filter(state -> !away.contains(state)).toList();
        List<ServerState> awaited = awaited(all);
        sticky = StickyPick.of(pool, name, new StickyPick.Reach(reached, awaited), snapshot, sticky);
    }

    private List<ServerState> awaited(List<ServerState> all) {
        Predicate<? super Server> expected = coming;
        return expected == null || pool.affinity.sessions() == null
                ? List.of()
                : all.stream().filter(state -> meets(expected, state.server())).toList();
    }

    /** Asked once for each rebuild: an answer that changes in the middle must not leave a group without servers. */
    private Set<ServerState> away(List<ServerState> members) {
        if (reachable == EVERY_SERVER) {
            return Set.of();
        }
        Set<ServerState> away = Collections.newSetFromMap(new IdentityHashMap<>());
        members.stream().filter(state -> !meets(reachable, state.server())).forEach(away::add);
        return away;
    }

    /** How the load was spread over the tiers when this was last rebuilt. */
    Snapshot.Spread spread() {
        return snapshot.spread;
    }

    private boolean meets(Predicate<? super Server> asked, Server server) {
        try {
            return asked.test(server);
        } catch (RuntimeException | Error e) {
            pool.news().failed("the condition of a view, so " + server.id() + " is left out", e);
            return false;
        }
    }

    /** Called with the publishing lock held. */
    void end() {
        closed = true;
        sticky = null;
        snapshot = Snapshot.empty(name, "closed");
    }

    List<Affinity.Token> bind(Affinity.Bond bond, ServerState server, Affinity.Answer answer) {
        try {
            return bond.answered(server, answer);
        } catch (RuntimeException | Error e) {
            pool.news().failed("the affinity, so a session is not bound", e);
            return List.of();
        }
    }

    InstantSource wallClock() {
        return pool.wallClock();
    }

    Ticker ticker() {
        return pool.ticker();
    }

    RandomGenerator random() {
        return pool.random();
    }

    @Override
    public String toString() {
        return name;
    }
}
