package io.lbclient;

/**
 * A judge of servers: sees how attempts end, or asks the servers itself, and raises and clears {@link HealthCause}s.
 *
 * <p>A monitor is settings only, so that one object can serve many pools; what it knows of one pool lives in the {@link
 * Watch} that {@link #start} returns. A pool starts its monitors when it is built and closes their watches when it is
 * closed.
 *
 * <p>A detector of one's own raises {@link HealthCause#OUTLIER} for how attempts ended, and {@link HealthCause#ACTIVE_CHECK}
 * for what it asked a server.
 */
@FunctionalInterface
public interface HealthMonitor {
    /**
     * Starts watching a pool.
     *
     * @param pool the pool, through which servers are judged
     * @return the watch
     */
    Watch start(MonitoredPool pool);

    /**
     * Returns the detector that a pool has unless told otherwise: it ejects a server after consecutive failures.
     *
     * <p>A connect failure ejects at once, because nothing says more clearly that a server is gone. After {@code
     * failures} other failures in a row (that is, without a success between them) a server is ejected too, but never
     * more than half of the servers, so that a bad dependency behind all of them does not leave the last ones alone
     * with the load. An ejected server is tried again with one request after 1 s, then after 2 s, after 4 s, and then
     * every 5 s, each with up to a fifth of jitter; the first success brings it back.
     *
     * @param failures how many failures in a row eject, at least 1
     * @return the detector
     * @throws IllegalArgumentException if {@code failures} is less than 1
     */
    static HealthMonitor consecutiveFailures(int failures) {
        return new ConsecutiveFailures(failures);
    }

    /** One monitor's watch over one pool. */
    interface Watch extends AutoCloseable {
        /**
         * Called when a server joins the pool, before it is picked for the first time, by one thread at a time. It must
         * not block; it may raise a cause at once, such as one that stands until a first check has passed.
         *
         * @param server the server
         * @return who is told how this server's attempts end
         */
        OutcomeObserver joined(Candidate server);

        /**
         * Called when a server becomes eligible: it joined without anything against it, or the last thing against it
         * was cleared. By one thread at a time, right before it may be picked. It must not block, nor call back into
         * the pool except for {@link MonitoredPool#limitShare} and {@link MonitoredPool#limitInFlight}.
         *
         * @param server the server
         */
        default void eligible(Candidate server) {}

        /**
         * Called when a server left the pool, after it was picked for the last time; its attempts may still be ending.
         *
         * @param server the server
         */
        default void left(Candidate server) {}

        /** Ends the watch and everything that it started. Called once. */
        @Override
        void close();
    }

    /** Is told how the attempts at one server end; called by many threads at once, on the path of a request. */
    @FunctionalInterface
    interface OutcomeObserver {
        /** An observer that wants to know nothing. */
        OutcomeObserver NONE = (outcome, latencyNanos, trial) -> {};

        /**
         * Takes note of an ending. Must not block.
         *
         * @param outcome how the attempt ended
         * @param latencyNanos nanoseconds from the pick to the answer's beginning, to a resolution of a microsecond, or to
         *     the end if it was not noted
         * @param trial whether the server was not eligible when it was picked: {@link MonitoredPool#offerTrial} had
         *     asked for it, or no other server was left
         */
        void onOutcome(Outcome outcome, long latencyNanos, boolean trial);
    }
}
