package io.lbclient;

/**
 * How many attempts a pool may see beyond the first one of each request: what keeps retries from feeding the outage that
 * they are an answer to.
 *
 * <p>One budget stands for all of a pool's retries, hedges and failovers, whichever adapter makes them. A budget is
 * settings only, so that one object can serve many pools; a pool opens an {@link Account} of its own when it is built.
 */
@FunctionalInterface
public interface RetryBudget {
    /** The part of the requests that may be sent once more unless told otherwise: {@value}. */
    double DEFAULT_SHARE = 0.1;

    /** How many further attempts a second are allowed besides, unless told otherwise: {@value}. */
    double DEFAULT_FLOOR = 3;

    /**
     * Opens a pool's account.
     *
     * @param ticker the pool's clock
     * @return the account
     */
    Account open(Ticker ticker);

    /**
     * Returns the budget that a pool has unless told otherwise: a part of the requests, plus a floor.
     *
     * <p>A token bucket over 10 s: each request puts {@code share} of a token in, each second {@code floor} tokens, and
     * what is not taken is forgotten with a mean lifetime of 10 s. So a steady stream of requests holds what ten seconds
     * of it put in, a burst of failures may use that up at once, and from then on the further attempts are the given
     * part of the requests and the floor, however long the outage lasts. It starts with what ten seconds of the floor
     * put in.
     *
     * @param share the part of the requests that may be sent once more, 0 to 1
     * @param floor how many more a second, for programs with few requests; finite and at least 0
     * @return the budget
     * @throws IllegalArgumentException if one of them is out of its range
     */
    static RetryBudget of(double share, double floor) {
        return new ShareBudget(share, floor);
    }

    /** One pool's budget at work; safe for use by many threads, and called on the path of a request: it must not block. */
    interface Account {
        /** Notes a request, once for all its attempts, when its first one begins. */
        void request();

        /**
         * Takes what one more attempt costs: a retry, a hedge, or a move to another server after a failure to connect.
         *
         * @return true if it may be made; false if the budget is used up, and then nothing was taken
         */
        boolean tryAcquire();

        /**
         * Notes how an attempt ended, the first ones included. The pool calls this for every attempt.
         *
         * @param outcome how it ended
         */
        default void ended(Outcome outcome) {}
    }
}
