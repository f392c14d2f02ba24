package io.lbclient;

import io.lbclient.internal.Checks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The servers of one service: picks one for each request, learns from how each one went, and keeps those that fail out.
 *
 * <pre>{@code
 * ServerPool orders = ServerPool.builder("orders")
 *     .servers(Server.of("10.0.0.1", 8080), Server.of("10.0.0.2", 8080))
 *     .build();
 * }</pre>
 *
 * <p>Safe for use by many threads. A pick takes no lock. A pool has one daemon thread for background work, unless it
 * was given a scheduler; close the pool when the program no longer needs the service.
 */
public final class ServerPool implements AutoCloseable {
    private final PoolState state;
    private final PoolView all;
    private final @Nullable Source source;

    /** Where the servers come from, for a pool that has a discovery. */
    private record Source(DiscoverySink sink, ServerDiscovery.Subscription subscription) {}

    ServerPool(ServerPoolBuilder settings) {
        state = new PoolState(settings);
        try {
            settings.listeners.forEach(state.news()::addListener);
            state.start(settings.healthMonitors);
            all = state.view(settings.name, PoolView.EVERY_SERVER, PoolView.EVERY_SERVER);
            state.change(none -> settings.servers);
            source = settings.discovery == null ? null : discover(settings.discovery, settings.startUpWait);
        } catch (RuntimeException | Error e) {
            // Nobody gets a pool that could be closed, so what was started so far must end here.
            state.close();
            throw e;
        }
    }

    private Source discover(ServerDiscovery discovery, Duration startUpWait) {
        DiscoverySink sink = new DiscoverySink(state);
        ServerDiscovery.Subscription subscribed = discovery.subscribe(sink);
        state.news().addListener(new RefreshHint(state.news(), subscribed));
        sink.await(startUpWait);
        return new Source(sink, subscribed);
    }

    /**
     * Begins a pool.
     *
     * @param name the service's name, of the characters that a {@linkplain Server#id() server's id} may have; adapters
     *     match it against the host of a URL in lower case, so a pool that is used through one should have the name of a host
     * @return a builder with the defaults
     * @throws IllegalArgumentException if the name is malformed
     */
    public static ServerPoolBuilder builder(String name) {
        return new ServerPoolBuilder(name);
    }

    /**
     * Returns the name.
     *
     * @return the service's name
     */
    public String name() {
        return state.name();
    }

    /**
     * Picks a server for a request of which nothing is known.
     *
     * @return the attempt, in flight from now on
     * @throws NoServerAvailableException if no server may be picked
     */
    public Attempt pick() {
        return all.pick();
    }

    /**
     * Picks a server for a request.
     *
     * @param request what may be read of the request
     * @return the attempt, in flight from now on
     * @throws NoServerAvailableException if no server may be picked
     */
    public Attempt pick(RequestView request) {
        return all.pick(request);
    }

    /**
     * Returns a view of the servers that meet a condition.
     *
     * @param condition asked for every server whenever the pool changes, and on {@link PoolView#refresh()}, by one
     *     thread at a time; it must not block. A server for which it throws is left out
     * @return the view; close it with its owner
     */
    public PoolView view(Predicate<? super Server> condition) {
        return view(condition, PoolView.EVERY_SERVER);
    }

    /**
     * Returns a view of the servers that meet a condition, some of which cannot be reached just now: for an owner with
     * connections of its own. An unreachable server is never picked, but it stays one of the servers of its tier and
     * zone, so that the load moves to others as if it were unhealthy.
     *
     * @param condition which servers belong to the view, asked as in {@link #view(Predicate)}
     * @param reachable which of them can be picked, asked whenever the condition is; one for which it throws cannot
     * @return the view; close it with its owner
     */
    public PoolView view(Predicate<? super Server> condition, Predicate<? super Server> reachable) {
        return state.view(state.name() + " (view)", condition, reachable);
    }

    /**
     * Looks up what is known of a request's session, for an adapter whose picks must not wait: they do not for a request
     * that shows the result as its attribute of that type. It waits itself, for as long as a pick would.
     *
     * @param request what may be read of the request
     * @return what was found; null if there is nothing that a pick would wait for
     */
    public Affinity.@Nullable LookedUp lookUp(RequestView request) {
        Affinity.Sessions sessions = state.affinity.sessions();
        try {
            return sessions == null ? null : sessions.lookUp(request);
        } catch (RuntimeException | Error e) {
            state.news().failed("the affinity, so a session is not looked up", e);
            return null;
        }
    }

    /**
     * Returns whether a pick would find a server with room, as things stand.
     *
     * @return false if every pick fails
     */
    public boolean hasRoom() {
        return all.hasRoom();
    }

    /**
     * Begins an attempt at one server, whatever its health and whether or not it is full: for what an adapter does with
     * a server outside of requests, such as making a connection ahead of them. If the server is not eligible, its
     * ending is a trial's.
     *
     * @param id the server's id
     * @return the attempt, in flight from now on
     * @throws IllegalArgumentException if the pool has no such server
     */
    public Attempt attempt(String id) {
        return all.attempt(state.roster().known(id));
    }

    /**
     * Replaces the list of servers. A server whose id is known keeps its statistics, its health and what is in flight;
     * one that is not in the list leaves, and what is in flight to it goes on. In force when this returns.
     *
     * @param servers the servers; an equal one given twice counts once
     * @throws IllegalArgumentException if two have one id and different settings; nothing is changed then
     * @throws IllegalStateException if the pool is closed
     */
    public void update(List<Server> servers) {
        List<Server> copy = List.copyOf(servers);
        change(before -> copy);
    }

    private void change(UnaryOperator<List<Server>> next) {
        if (!state.change(next)) {
            throw new IllegalStateException(name() + ": the pool is closed");
        }
    }

    /**
     * Adds a server, or changes the settings of the one with its id. In force when this returns.
     *
     * @param server the server
     * @throws IllegalStateException if the pool is closed
     */
    public void add(Server server) {
        change(before -> {
            List<Server> after = new ArrayList<>(before);
            after.replaceAll(known -> known.id().equals(server.id()) ? server : known);
            if (!after.contains(server)) {
                after.add(server);
            }
            return after;
        });
    }

    /**
     * Removes a server. What is in flight to it goes on. In force when this returns.
     *
     * @param id the server's id
     * @return true if it was there
     * @throws IllegalStateException if the pool is closed
     */
    public boolean remove(String id) {
        boolean[] found = {false};
        change(before -> {
            List<Server> after = new ArrayList<>(before);
            found[0] = after.removeIf(known -> known.id().equals(id));
            return after;
        });
        return found[0];
    }

    /**
     * Lets a server finish what it has and gives it nothing new, even if no other server is left. In force when this
     * returns. In a pool with an {@link Affinity} it keeps its sessions for as long as that says.
     *
     * @param id the server's id
     * @return completes when nothing is in flight to the server any more, and the time for its sessions is over; cancelled
     *     by {@link #resume}. A pick that another thread was making at this very moment may still begin afterwards
     * @throws IllegalArgumentException if the pool has no such server
     */
    public CompletableFuture<Void> drain(String id) {
        return state.drain(state.roster().known(id), "drained by a call", state.affinity.drainEnd());
    }

    /**
     * Lets a server finish what it has and gives it nothing new, but lets it keep its sessions for some time, in a pool
     * that has an {@link Affinity}. A second call sets the time anew.
     *
     * @param id the server's id
     * @param sessions how long it keeps its sessions, not negative; zero moves them at once
     * @return as of {@link #drain(String)}
     * @throws IllegalArgumentException if the pool has no such server, or the time is negative
     */
    public CompletableFuture<Void> drain(String id, Duration sessions) {
        long end =
                state.ticker().read() + Checks.notNegative("sessions", sessions).toNanos();
        return state.drain(state.roster().known(id), "drained by a call", end);
    }

    /**
     * Ends a drain: the server is picked again, unless something else speaks against it. In force when this returns.
     *
     * @param id the server's id
     * @throws IllegalArgumentException if the pool has no such server
     */
    public void resume(String id) {
        state.resume(state.roster().known(id), "resumed by a call");
    }

    /**
     * Returns a person's hand on the servers, for settings that win over every detector.
     *
     * @param who whose hand it is, as the snapshot and the logs will show it, in the characters that a {@linkplain Server#id()
     *     server's id} may have
     * @return the operator
     * @throws IllegalArgumentException if {@code who} is malformed
     */
    public Operator operator(String who) {
        return new Operator(state, who);
    }

    /**
     * Returns how the pool stands now.
     *
     * @return all servers with their state and figures
     */
    public PoolSnapshot snapshot() {
        PoolSnapshot now = state.snapshot();
        return source == null ? now : new PoolSnapshot(now.pool(), now.servers(), source.sink.age(source.subscription));
    }

    /**
     * Returns a server of the pool, without looking at the others: for what an adapter keeps for each server.
     *
     * @param id the server's id
     * @return the server with its settings of now; null if it has left, or never was there
     */
    public @Nullable Server server(String id) {
        ServerState found = state.roster().find(id);
        return found == null ? null : found.server();
    }

    /**
     * Adds a listener, which is told of what changes from now on.
     *
     * @param listener the listener
     */
    public void addListener(PoolListener listener) {
        state.news().addListener(listener);
    }

    /**
     * Removes a listener.
     *
     * @param listener the listener; if it was not added, nothing happens
     */
    public void removeListener(PoolListener listener) {
        state.news().removeListener(listener);
    }

    /**
     * Returns the pool's clock.
     *
     * @return the ticker with which the pool measures time, and its adapters should too
     */
    public Ticker ticker() {
        return state.ticker();
    }

    /**
     * Returns the budget that all who send requests of this pool more than once share. The pool itself only tells it
     * how attempts ended.
     *
     * @return the account; every request is to be noted in it, and every further attempt at one to be paid from it
     */
    public RetryBudget.Account retryBudget() {
        return state.retryBudget();
    }

    /**
     * Adds a listener that is told when a server that has a limit on what is in flight to it may have room again, and
     * when the servers that may be picked have changed; for queues. It is called often, on the threads that complete
     * attempts, several at once, and must be quick.
     *
     * @param listener the listener
     * @return closing it ends the calls; done by then need not be the last one, which another thread may be making
     */
    public AutoCloseable onRoom(Runnable listener) {
        return state.room().add(listener);
    }

    /**
     * Ends the pool, its views, its monitors, its discovery and its thread: picks fail from now on. What is in flight
     * goes on, and is counted. A second call does nothing.
     */
    @Override
    public void close() {
        if (!state.close() || source == null) {
            return;
        }
        try {
            source.subscription.close();
        } catch (RuntimeException | Error e) {
            state.news().failed("closing the discovery", e);
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
