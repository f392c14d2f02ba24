package io.lbclient;

import io.lbclient.internal.Checks;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Collects the settings of a pool; not safe for use by several threads. Each method returns this builder. */
public final class ServerPoolBuilder {
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
    Failover failover = Failover.DEFAULT;
    RetryBudget retryBudget = RetryBudget.of(RetryBudget.DEFAULT_SHARE, RetryBudget.DEFAULT_FLOOR);
    InstantSource wallClock = Clock.systemUTC();
    Duration startUpWait = Duration.ofSeconds(5);

    @Nullable UnaryOperator<List<Server>> subset;

    @Nullable ZoneAffinity zoneAffinity;

    @Nullable Affinity affinity;

    @Nullable ScheduledExecutorService scheduler;

    @Nullable ServerDiscovery discovery;

    ServerPoolBuilder(String name) {
        this.name = Names.token("name", name);
    }

    /**
     * Sets the servers that the pool starts with. Default: none.
     *
     * @param list the servers; an equal one given twice counts once
     * @return this builder
     */
    public ServerPoolBuilder servers(List<Server> list) {
        servers = List.copyOf(list);
        return this;
    }

    /**
     * Sets the servers that the pool starts with. Default: none.
     *
     * @param list the servers; an equal one given twice counts once
     * @return this builder
     */
    public ServerPoolBuilder servers(Server... list) {
        return servers(List.of(list));
    }

    /**
     * Sets which of the servers that the pool is given it uses; for large fleets, where not every client should connect
     * to every server. Default: all. See {@code io.lbclient.discovery.Subsets}.
     *
     * @param choice asked whenever the list changes, by one thread at a time; it must not block. If it throws, the
     *     update fails and nothing is changed
     * @return this builder
     */
    public ServerPoolBuilder subset(UnaryOperator<List<Server>> choice) {
        subset = choice;
        return this;
    }

    /**
     * Sets where servers come from while the pool lives. Default: nowhere, the list changes only by calls. When servers
     * turn out to be bad, the source is asked to look again.
     *
     * @param source the source; those of this library have guard rails, and {@code io.lbclient.discovery.GuardRails} puts
     *     them around any other
     * @return this builder
     */
    public ServerPoolBuilder discovery(ServerDiscovery source) {
        discovery = source;
        return this;
    }

    /**
     * Sets how long building the pool waits at most for the first servers of its discovery, if it has no others. The
     * pool is built in any case, empty if need be, and gets its servers when they are found. Default: 5 s.
     *
     * @param atMost zero for not at all; at most 292 years
     * @return this builder
     * @throws IllegalArgumentException if it is negative or too long
     */
    public ServerPoolBuilder startUpWait(Duration atMost) {
        startUpWait = Checks.notNegative("startUpWait", atMost);
        return this;
    }

    /**
     * Sets the strategy. Default: {@link Balancer#adaptive()}.
     *
     * @param strategy the strategy
     * @return this builder
     */
    public ServerPoolBuilder balancer(Balancer strategy) {
        balancer = strategy;
        return this;
    }

    /**
     * Sets when the load moves between tiers, and what happens when too little is healthy. Default: {@link
     * Failover#DEFAULT}.
     *
     * @param settings the settings
     * @return this builder
     */
    public ServerPoolBuilder failover(Failover settings) {
        failover = settings;
        return this;
    }

    /**
     * Sets how picks are spread over zones. Default: zones are not told apart.
     *
     * @param affinity the affinity
     * @return this builder
     */
    public ServerPoolBuilder zoneAffinity(ZoneAffinity affinity) {
        zoneAffinity = affinity;
        return this;
    }

    /**
     * Sets what keeps the requests of a session on one server. Default: nothing does.
     *
     * @param sessions the affinity, such as {@code io.lbclient.session.SessionAffinity}
     * @return this builder
     */
    public ServerPoolBuilder affinity(Affinity sessions) {
        affinity = sessions;
        return this;
    }

    /**
     * Sets who judges the servers, in place of the default, which is {@link HealthMonitor#consecutiveFailures} with
     * {@value #DEFAULT_CONSECUTIVE_FAILURES}. Without any, every server is always picked.
     *
     * @param monitors the monitors; none switches health off
     * @return this builder
     */
    public ServerPoolBuilder healthMonitors(HealthMonitor... monitors) {
        healthMonitors = List.of(monitors);
        return this;
    }

    /**
     * Sets how many attempts there may be beyond the first ones, by retries, hedges and failovers together. Default:
     * {@link RetryBudget#of} with {@value RetryBudget#DEFAULT_SHARE} and {@value RetryBudget#DEFAULT_FLOOR}.
     *
     * @param budget the budget; {@code io.lbclient.retry.RetryBudgets} has more of them
     * @return this builder
     */
    public ServerPoolBuilder retryBudget(RetryBudget budget) {
        retryBudget = budget;
        return this;
    }

    /**
     * Adds a listener, which is told of everything from the first server on.
     *
     * @param listener the listener
     * @return this builder
     */
    public ServerPoolBuilder listener(PoolListener listener) {
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
    public ServerPoolBuilder latencyDecay(Duration lifetime) {
        latencyDecay = Checks.positive("latencyDecay", lifetime);
        return this;
    }

    /**
     * Sets where background work runs. Default: one daemon thread of the pool's own, ended with the pool.
     *
     * @param service the scheduler; the pool does not shut it down
     * @return this builder
     */
    public ServerPoolBuilder scheduler(ScheduledExecutorService service) {
        scheduler = service;
        return this;
    }

    /**
     * Sets the clock. Default: the system's. For tests and simulations.
     *
     * @param clock the clock
     * @return this builder
     */
    public ServerPoolBuilder ticker(Ticker clock) {
        ticker = clock;
        return this;
    }

    /**
     * Sets the wall clock, which dates what an operator sets, says until when something stands ({@link
     * ServerSnapshot#until}), and tells how far off a date is that a server names in {@code Retry-After}; it measures
     * nothing. Default: the system's.
     *
     * @param clock the clock
     * @return this builder
     */
    public ServerPoolBuilder wallClock(InstantSource clock) {
        wallClock = clock;
        return this;
    }

    /**
     * Makes the pool's randomness the same in every run, as long as one thread picks. Default: it differs. For
     * tests and simulations.
     *
     * @param seed the seed
     * @return this builder
     */
    public ServerPoolBuilder seed(long seed) {
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
