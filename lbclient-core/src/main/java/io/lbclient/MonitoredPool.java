package io.lbclient;

import java.time.Duration;
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
     * <p>What a monitor raises is its own: the cause stands until everybody who raised it has cleared it.
     *
     * @param server the server
     * @param cause the cause
     * @param detail why, in plain words and with the figures, such as {@code 5 consecutive failures}
     * @return true if this monitor had not raised it before; false also if the server is no longer in the pool
     */
    boolean raise(Candidate server, HealthCause cause, String detail);

    /**
     * Raises a cause on a server for some time at least, which the pool shows and tells as the time until which it
     * stands. The pool clears nothing when that time has come: the monitor does.
     *
     * @param server the server
     * @param cause the cause
     * @param detail why, in plain words and with the figures
     * @param atLeast how long from now, greater than zero, until it is cleared or looked at again
     * @return true if this monitor had not raised it before; false also if the server is no longer in the pool
     * @throws IllegalArgumentException if {@code atLeast} is not greater than zero
     */
    boolean raise(Candidate server, HealthCause cause, String detail, Duration atLeast);

    /**
     * Replaces what this monitor said when it raised a cause. Another detail is told as news, another time is not.
     *
     * @param server the server
     * @param cause the cause
     * @param detail why, in plain words and with the figures
     * @param atLeast how long from now, greater than zero, until it is cleared or looked at again
     * @return true if this monitor had raised it; if not, nothing changes. False also if the server is no longer in the
     *     pool
     * @throws IllegalArgumentException if {@code atLeast} is not greater than zero
     */
    boolean prolong(Candidate server, HealthCause cause, String detail, Duration atLeast);

    /**
     * Clears from a server what this monitor raised; the cause stands on while another monitor holds it up.
     *
     * @param server the server
     * @param cause the cause
     * @param detail why, in plain words
     * @return true if this monitor had raised it; false also if the server is no longer in the pool
     */
    boolean clear(Candidate server, HealthCause cause, String detail);

    /**
     * Clears a cause from a server, whoever raised it: for a monitor whose word outranks that of the others.
     *
     * @param server the server
     * @param cause the cause
     * @param detail why, in plain words
     * @return true if anybody had raised it; false also if the server is no longer in the pool
     */
    boolean overrule(Candidate server, HealthCause cause, String detail);

    /**
     * Returns whether a cause is raised on a server, by whomever.
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
     * Bounds how many attempts may be in flight to a server, in place of a bound set before. A full server is passed
     * over, whatever the strategy says; when all are full, a pick fails and says so. The bound is never exceeded, except
     * by what was in flight when it was lowered.
     *
     * @param server the server
     * @param limit at least 1; {@link Integer#MAX_VALUE} for no bound, which is how every server starts
     * @throws IllegalArgumentException if it is less than 1
     */
    void limitInFlight(Candidate server, int limit);

    /**
     * A bound on a server's share of the picks that changes with time: what slow start is made of.
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
