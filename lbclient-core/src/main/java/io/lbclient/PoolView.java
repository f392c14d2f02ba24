package io.lbclient;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
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
    private final PoolState pool;
    private final String name;
    private final Predicate<? super Server> condition;
    private volatile Snapshot snapshot;
    // Guarded by the pool's publishing lock.
    private boolean closed;
    // The strategy's own last picker: whatever stood in for it, or even an empty view, does not lose its position.
    private Balancer.@Nullable Picker picker;

    PoolView(PoolState pool, String name, Predicate<? super Server> condition) {
        this.pool = pool;
        this.name = name;
        this.condition = condition;
        this.snapshot = new Snapshot(name + ": no server available (0 servers)");
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
        return snapshot.pick(new Attempt(this, request, previous, pool.ticker().read()), previous != null);
    }

    boolean hasUntried(Attempt attempt) {
        return snapshot.hasUntried(attempt);
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
        List<ServerState> members = all.stream().filter(this::meetsCondition).toList();
        List<ServerState> eligible =
                members.stream().filter(s -> s.seen().eligible()).toList();
        List<ServerState> candidates = eligible;
        if (eligible.isEmpty()) {
            // A server that is thought to be bad may answer; no server cannot. Only those withdrawn on purpose stay
            // out.
            candidates = members.stream().filter(s -> !s.seen().withdrawn()).toList();
        }
        candidates = withoutZeroWeights(candidates);
        snapshot = candidates.isEmpty()
                ? new Snapshot(noServer(members))
                : snapshotOf(candidates, members, eligible.isEmpty());
    }

    private Snapshot snapshotOf(List<ServerState> candidates, List<ServerState> members, boolean lastResort) {
        ServerState[] trials = members.stream()
                .filter(s -> s.seen().trialOffered() && !s.seen().withdrawn())
                .toArray(ServerState[]::new);
        double[] weights = candidates.stream().mapToDouble(ServerState::weight).toArray();
        Balancer.Picker known = picker;
        Balancer.Picker chooser =
                known != null && snapshot.samePicks(known, candidates, weights) ? known : newPicker(candidates, known);
        return new Snapshot(candidates.toArray(ServerState[]::new), weights, chooser, trials, lastResort);
    }

    private Balancer.Picker newPicker(List<ServerState> candidates, Balancer.@Nullable Picker previous) {
        try {
            Balancer.Picker made = pool.balancer().picker(Collections.unmodifiableList(candidates), previous);
            picker = Objects.requireNonNull(made, "the balancer's picker");
            return made;
        } catch (RuntimeException | Error e) {
            // The old picker would go on naming servers that have left: better a plain choice among the right ones.
            pool.news().failed("the balancer, so servers are picked at random", e);
            return context -> candidates.get(context.random().nextInt(candidates.size()));
        }
    }

    /** Weight 0 means no traffic, unless that would mean none at all: then the weights say nothing. */
    private static List<ServerState> withoutZeroWeights(List<ServerState> candidates) {
        List<ServerState> weighted =
                candidates.stream().filter(s -> s.weight() > 0).toList();
        return weighted.isEmpty() ? candidates : weighted;
    }

    private boolean meetsCondition(ServerState state) {
        try {
            return condition.test(state.server());
        } catch (RuntimeException | Error e) {
            pool.news().failed("the condition of a view, so " + state + " is left out", e);
            return false;
        }
    }

    private String noServer(List<ServerState> members) {
        StringBuilder text = new StringBuilder(name)
                .append(": no server available (")
                .append(members.size())
                .append(" servers");
        String separator = ": ";
        for (HealthState state : HealthState.values()) {
            long count = members.stream().filter(s -> s.seen().state() == state).count();
            if (count > 0) {
                text.append(separator).append(count).append(' ').append(state);
                separator = ", ";
            }
        }
        return text.append(')').toString();
    }

    /** Called with the publishing lock held. */
    void end() {
        closed = true;
        snapshot = new Snapshot(name + ": no server available (closed)");
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
