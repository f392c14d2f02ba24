package io.lbclient;

import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A pool as its {@link HealthMonitor}s see it: what they may read, and what they may say of a server.
 *
 * <p>Safe for use by many threads. What is raised or cleared reaches the picks within moments: the pool rebuilds its
 * snapshot on its scheduler, off the path of the request whose ending was the reason.
 */
public interface MonitoredPool {
    /**
     * Returns the pool's name, for logs.
     *
     * @return the name
     */
    String name();

    /**
     * Returns the pool's clock.
     *
     * @return the ticker with which the pool measures time
     */
    Ticker ticker();

    /**
     * Returns the pool's source of randomness.
     *
     * @return a generator that many threads may use at once
     */
    RandomGenerator random();

    /**
     * Returns the pool's scheduler. A task on it must be short, and must neither block nor throw.
     *
     * @return the scheduler
     */
    ScheduledExecutorService scheduler();

    /**
     * Returns all servers of the pool, those that are not picked included.
     *
     * @return an immutable list, in the order in which the pool was given them
     */
    List<? extends Candidate> candidates();

    /**
     * Raises a cause on a server; the pool logs the change and tells its listeners.
     *
     * @param server the server
     * @param cause the cause
     * @param detail why, in plain words and with the figures, such as {@code 5 consecutive failures}
     * @return true if it was not raised before; false also if the server is no longer in the pool
     */
    boolean raise(Candidate server, HealthCause cause, String detail);

    /**
     * Clears a cause from a server.
     *
     * @param server the server
     * @param cause the cause
     * @param detail why, in plain words
     * @return true if it was raised before; false also if the server is no longer in the pool
     */
    boolean clear(Candidate server, HealthCause cause, String detail);

    /**
     * Returns whether a cause is raised on a server.
     *
     * @param server the server
     * @param cause the cause
     * @return true if it is
     */
    boolean raised(Candidate server, HealthCause cause);

    /**
     * Asks that one of the next picks go to a server that is not picked otherwise; its ending is marked as a trial's.
     *
     * <p>The offer stands until a pick takes it, the server becomes eligible, or it leaves. A second offer before that
     * changes nothing.
     *
     * @param server the server
     * @return true if one pick will go there because of this call; false if an earlier offer still stands, or the server
     *     is eligible or has left
     */
    boolean offerTrial(Candidate server);

    /**
     * Bounds the share of the picks that a server gets, in place of a bound set before.
     *
     * @param server the server
     * @param limit the bound, or null for none
     */
    void limitShare(Candidate server, @Nullable ShareLimit limit);

    /**
     * A bound on a server's share of the picks that changes with time: what slow start and {@code Retry-After} are made of.
     *
     * <p>A share of 0.2 lets through one in five of the picks that the strategy makes for the server; the others go to
     * other servers. So it works with every strategy, whether or not it knows weights, and nothing is rebuilt while the
     * share grows. Called by many threads at once, on the path of a request: it must not block, and should not allocate.
     */
    @FunctionalInterface
    interface ShareLimit {
        /**
         * Returns the share at a time.
         *
         * @param now a reading of the pool's ticker
         * @return 0 (nothing, while another server may be picked) to 1 (as much as the strategy likes)
         */
        double at(long now);
    }
}
