package io.lbclient.health;

import java.util.List;

/**
 * What {@link JmxOperator} shows of a pool over JMX, and what an operator can do there: the overrides of {@link
 * io.lbclient.Operator}.
 *
 * <p>Each override stays until it is replaced or cleared, wins over every detector, and is in force when the call
 * returns. The snapshot and the log show it as set by the authenticated JMX user, or by {@code jmx} where there is none.
 */
public interface ServerPoolMXBean {
    /**
     * Returns the pool's name.
     *
     * @return the name, unquoted
     */
    String getPool();

    /**
     * Returns how many servers are picked in the ordinary way.
     *
     * @return the count
     */
    int getEligible();

    /**
     * Returns how long ago the pool's discovery last said, or confirmed, which servers there are: the sign of a source that
     * is dead or doubted.
     *
     * @return seconds; -1 if the pool has no discovery
     */
    double getListAgeSeconds();

    /**
     * Returns all servers of the pool as they stand now.
     *
     * @return one entry for each, in the order in which the pool was given them
     */
    List<ServerFigures> getServers();

    /**
     * Lets a server finish what it has and keep its sessions, and gives it nothing new.
     *
     * @param server the server's id
     * @throws IllegalArgumentException if the pool has no such server
     */
    void drain(String server);

    /**
     * Gives a server nothing new.
     *
     * @param server the server's id
     * @throws IllegalArgumentException if the pool has no such server
     */
    void disable(String server);

    /**
     * Has a server picked whatever the detectors think of it; {@link #clear} lets them judge it again.
     *
     * @param server the server's id
     * @throws IllegalArgumentException if the pool has no such server
     */
    void enable(String server);

    /**
     * Gives a server another weight than the configured one.
     *
     * @param server the server's id
     * @param weight finite and at least 0; 0 means no traffic while another server has a weight
     * @throws IllegalArgumentException if the pool has no such server, or the weight is negative, infinite or not a
     *     number
     */
    void setWeight(String server, double weight);

    /**
     * Takes back whatever an operator set on a server.
     *
     * @param server the server's id
     * @throws IllegalArgumentException if the pool has no such server
     */
    void clear(String server);

    /** One server at one moment. A text that does not apply is empty; times are ISO 8601 in UTC. */
    interface ServerFigures {
        /**
         * Returns the id.
         *
         * @return the id, by which the operations name it
         */
        String getId();

        /**
         * Returns the host.
         *
         * @return a name or an address
         */
        String getHost();

        /**
         * Returns the port.
         *
         * @return the port
         */
        int getPort();

        /**
         * Returns the failover tier.
         *
         * @return the tier, from 0
         */
        int getTier();

        /**
         * Returns the zone.
         *
         * @return the zone; empty if unknown
         */
        String getZone();

        /**
         * Returns the health as one word.
         *
         * @return the name of a {@link io.lbclient.HealthState}
         */
        String getState();

        /**
         * Returns what is raised on it.
         *
         * @return names of {@link io.lbclient.HealthCause}s, in their order; empty if nothing is raised
         */
        List<String> getCauses();

        /**
         * Returns why it is in its state.
         *
         * @return plain words with figures; empty if nothing is raised
         */
        String getDetail();

        /**
         * Returns when that ends, or is looked at again, at the earliest.
         *
         * @return the time; empty if nothing is raised, or if it is not a matter of time
         */
        String getUntil();

        /**
         * Returns the weight that counts now.
         *
         * @return what an operator set, or else the configured one
         */
        double getWeight();

        /**
         * Returns the weight that the server came with.
         *
         * @return the configured weight
         */
        double getConfiguredWeight();

        /**
         * Returns the attempts picked and not complete.
         *
         * @return the count
         */
        int getInFlight();

        /**
         * Returns the attempts picked since it joined.
         *
         * @return the count
         */
        long getPicks();

        /**
         * Returns how many of them ended in a failure.
         *
         * @return the count
         */
        long getFailures();

        /**
         * Returns its share of the pool's recent picks.
         *
         * @return 0 to 1
         */
        double getShare();

        /**
         * Returns the peak-sensitive moving average of the latency.
         *
         * @return milliseconds; 0 without a sample
         */
        double getLatencyMillis();

        /**
         * Returns how much of the recent answers were failures.
         *
         * @return 0 to 1
         */
        double getFailureRate();

        /**
         * Returns what an operator had done to its health.
         *
         * @return {@code DRAIN}, {@code DISABLE}, {@code ENABLE}, or empty
         */
        String getOperatorAction();

        /**
         * Returns who set what an operator set.
         *
         * @return the name; empty if nothing is set
         */
        String getOperatorBy();

        /**
         * Returns when that was set.
         *
         * @return the time; empty if nothing is set
         */
        String getOperatorAt();
    }
}
