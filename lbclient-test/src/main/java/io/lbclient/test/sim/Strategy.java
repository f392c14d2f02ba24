package io.lbclient.test.sim;

import io.lbclient.Balancer;
import io.lbclient.ServerPoolBuilder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What is compared in a simulation: the settings of the clients' pools, under a name. Immutable. */
public final class Strategy {
    private final String name;
    private final BiConsumer<ServerPoolBuilder, SimulatedServers> settings;
    private final Reports reports;
    private final boolean probing;

    /** What the servers say with their answers. */
    enum Reports {
        NONE,
        HONEST,
        STALE,
        ABSURD
    }

    private Strategy(
            String name, BiConsumer<ServerPoolBuilder, SimulatedServers> settings, Reports reports, boolean probing) {
        this.name = name;
        this.settings = settings;
        this.reports = reports;
        this.probing = probing;
    }

    /**
     * Returns a balancer, with everything else as a pool has it without being told.
     *
     * @param name what the figures are listed under
     * @param balancer the balancer
     * @return the strategy
     */
    public static Strategy of(String name, Balancer balancer) {
        return settings(name, pool -> pool.balancer(balancer));
    }

    /**
     * Returns settings of a pool: a balancer, health monitors, failover, whatever a builder takes.
     *
     * @param name what the figures are listed under
     * @param settings called for each client's pool; servers, clock, scheduler and seed are the simulator's
     * @return the strategy
     */
    public static Strategy settings(String name, Consumer<ServerPoolBuilder> settings) {
        return new Strategy(name, (pool, servers) -> settings.accept(pool), Reports.NONE, false);
    }

    /**
     * Returns settings of a pool that need something of the simulated servers, such as a prober.
     *
     * @param name what the figures are listed under
     * @param settings called for each client's pool
     * @return the strategy
     */
    public static Strategy seeing(String name, BiConsumer<ServerPoolBuilder, SimulatedServers> settings) {
        return new Strategy(name, settings, Reports.NONE, true);
    }

    /**
     * Lets the servers report their load with each answer: utilisation, requests and errors per second, and the metrics
     * {@code requests_in_flight} and {@code latency_seconds}.
     *
     * @return the same strategy with {@code +reports} at the end of its name
     */
    public Strategy withReports() {
        return new Strategy(name + "+reports", settings, Reports.HONEST, probing);
    }

    /**
     * Lets the servers report with each answer what they reported with their first one, as a server does whose
     * measuring has died.
     *
     * @return the same strategy with {@code +stale} at the end of its name
     */
    public Strategy withStaleReports() {
        return new Strategy(name + "+stale", settings, Reports.STALE, probing);
    }

    /**
     * Lets the servers report with each answer whatever comes to their minds: nothing, everything, far too much.
     *
     * @return the same strategy with {@code +absurd} at the end of its name
     */
    public Strategy withAbsurdReports() {
        return new Strategy(name + "+absurd", settings, Reports.ABSURD, probing);
    }

    /**
     * Switches the pools' health monitors off.
     *
     * @return the same strategy with {@code -health} at the end of its name
     */
    public Strategy withoutHealth() {
        return new Strategy(
                name + "-health", settings.andThen((pool, servers) -> pool.healthMonitors()), reports, probing);
    }

    /**
     * Gives it another name.
     *
     * @param other what the figures are listed under
     * @return the same strategy with that name
     */
    public Strategy named(String other) {
        return new Strategy(other, settings, reports, probing);
    }

    /**
     * Returns the name.
     *
     * @return what the figures are listed under
     */
    public String name() {
        return name;
    }

    void apply(ServerPoolBuilder pool, SimulatedServers servers) {
        settings.accept(pool, servers);
    }

    Reports reports() {
        return reports;
    }

    /** Whether the servers need to keep track of their own load. */
    boolean watching() {
        return reports != Reports.NONE || probing;
    }

    @Override
    public String toString() {
        return name;
    }
}
