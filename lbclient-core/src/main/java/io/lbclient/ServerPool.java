package io.lbclient;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
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
    private final @Nullable AutoCloseable subscription;

    private ServerPool(Builder settings) {
        state = new PoolState(settings);
        try {
            settings.listeners.forEach(state.news()::addListener);
            state.start(settings.healthMonitors);
            all = state.view(settings.name, server -> true);
            state.change(none -> settings.servers);
            subscription = settings.discovery == null ? null : settings.discovery.subscribe(new Sink(state));
        } catch (RuntimeException | Error e) {
            // Nobody gets a pool that could be closed, so what was started so far must end here.
            state.close();
            throw e;
        }
    }

    /**
     * Begins a pool.
     *
     * @param name the service's name: 1 to 256 visible ASCII characters; adapters match it against the host of a URL
     *     in lower case, so a pool that is used through one should have the name of a host
     * @return a builder with the defaults
     * @throws IllegalArgumentException if the name is malformed
     */
    public static Builder builder(String name) {
        return new Builder(name);
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
        return state.view(state.name() + " (view)", condition);
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
     * returns.
     *
     * @param id the server's id
     * @return completes when nothing is in flight to the server any more; cancelled by {@link #resume}. A pick that
     *     another thread was making at this very moment may still begin afterwards
     * @throws IllegalArgumentException if the pool has no such server
     */
    public CompletableFuture<Void> drain(String id) {
        return state.drain(known(id), "drained by a call");
    }

    /**
     * Ends a drain: the server is picked again, unless something else speaks against it. In force when this returns.
     *
     * @param id the server's id
     * @throws IllegalArgumentException if the pool has no such server
     */
    public void resume(String id) {
        state.resume(known(id), "resumed by a call");
    }

    private ServerState known(String id) {
        ServerState server = state.find(id);
        if (server == null) {
            throw Checks.rejected("id", Checks.printable(id), "a server of " + name());
        }
        return server;
    }

    /**
     * Returns how the pool stands now.
     *
     * @return all servers with their state and figures
     */
    public PoolSnapshot snapshot() {
        return state.snapshot();
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
     * Ends the pool, its views, its monitors, its discovery and its thread: picks fail from now on. What is in flight
     * goes on, and is counted. A second call does nothing.
     */
    @Override
    public void close() {
        if (!state.close() || subscription == null) {
            return;
        }
        try {
            subscription.close();
        } catch (Exception e) {
            state.news().failed("closing the discovery", e);
        }
    }

    @Override
    public String toString() {
        return name();
    }

    private record Sink(PoolState state) implements ServerSink {
        @Override
        public void update(List<Server> servers) {
            List<Server> copy = List.copyOf(servers);
            // To a closed pool nothing happens: a source that pushes once more while the pool closes did nothing wrong.
            state.change(before -> copy);
        }

        @Override
        public void failed(Throwable cause) {
            state.news().failed("the discovery, so the last list stays", cause);
        }
    }

    /** Collects the settings of a pool; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        /** How many failures in a row eject a server unless told otherwise: {@value}, as in Envoy. */
        public static final int DEFAULT_CONSECUTIVE_FAILURES = 5;

        final String name;
        List<Server> servers = List.of();
        List<HealthMonitor> healthMonitors = List.of(HealthMonitor.consecutiveFailures(DEFAULT_CONSECUTIVE_FAILURES));
        final List<PoolListener> listeners = new ArrayList<>();
        Balancer balancer = Balancer.adaptive();
        Ticker ticker = Ticker.system();
        Supplier<RandomGenerator> random = SharedRandom::unseeded;
        Duration latencyDecay = Duration.ofSeconds(10);

        @Nullable ScheduledExecutorService scheduler;

        @Nullable ServerDiscovery discovery;

        private Builder(String name) {
            this.name = Checks.token("name", name);
        }

        /**
         * Sets the servers that the pool starts with. Default: none.
         *
         * @param list the servers; an equal one given twice counts once
         * @return this builder
         */
        public Builder servers(List<Server> list) {
            servers = List.copyOf(list);
            return this;
        }

        /**
         * Sets the servers that the pool starts with. Default: none.
         *
         * @param list the servers; an equal one given twice counts once
         * @return this builder
         */
        public Builder servers(Server... list) {
            return servers(List.of(list));
        }

        /**
         * Sets where servers come from while the pool lives. Default: nowhere, the list changes only by calls.
         *
         * @param source the source
         * @return this builder
         */
        public Builder discovery(ServerDiscovery source) {
            discovery = source;
            return this;
        }

        /**
         * Sets the strategy. Default: {@link Balancer#adaptive()}.
         *
         * @param strategy the strategy
         * @return this builder
         */
        public Builder balancer(Balancer strategy) {
            balancer = strategy;
            return this;
        }

        /**
         * Sets who judges the servers, in place of the default, which is {@link HealthMonitor#consecutiveFailures} with
         * {@value #DEFAULT_CONSECUTIVE_FAILURES}. Without any, every server is always picked.
         *
         * @param monitors the monitors; none switches health off
         * @return this builder
         */
        public Builder healthMonitors(HealthMonitor... monitors) {
            healthMonitors = List.of(monitors);
            return this;
        }

        /**
         * Adds a listener, which is told of everything from the first server on.
         *
         * @param listener the listener
         * @return this builder
         */
        public Builder listener(PoolListener listener) {
            listeners.add(listener);
            return this;
        }

        /**
         * Sets the mean lifetime of a latency sample in a server's moving average. Default: 10 s.
         *
         * @param lifetime greater than zero, and at most 292 years
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder latencyDecay(Duration lifetime) {
            latencyDecay = Checks.positive("latencyDecay", lifetime);
            return this;
        }

        /**
         * Sets where background work runs. Default: one daemon thread of the pool's own, ended with the pool.
         *
         * @param service the scheduler; the pool does not shut it down
         * @return this builder
         */
        public Builder scheduler(ScheduledExecutorService service) {
            scheduler = service;
            return this;
        }

        /**
         * Sets the clock. Default: the system's. For tests and simulations.
         *
         * @param clock the clock
         * @return this builder
         */
        public Builder ticker(Ticker clock) {
            ticker = clock;
            return this;
        }

        /**
         * Makes the pool's randomness the same in every run, as long as one thread picks. Default: it differs. For
         * tests and simulations.
         *
         * @param seed the seed
         * @return this builder
         */
        public Builder seed(long seed) {
            random = () -> SharedRandom.seeded(seed);
            return this;
        }

        /**
         * Builds the pool, which starts its monitors and its discovery.
         *
         * @return the pool; close it when the service is no longer needed
         * @throws IllegalArgumentException if two servers have one id and different settings
         */
        public ServerPool build() {
            return new ServerPool(this);
        }
    }
}
