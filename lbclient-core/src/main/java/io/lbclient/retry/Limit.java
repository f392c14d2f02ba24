package io.lbclient.retry;

/** How many attempts may be in flight to one server. Safe for use by many threads, and takes no lock. */
interface Limit {
    /** The limit that stands. */
    int present();

    /**
     * Takes an answer into account.
     *
     * @param inFlight how many were in flight, the one that is answered included
     * @param dropped whether the server said that it is overloaded, or did not answer in time
     * @return the limit that stands now
     */
    int sample(long now, long latencyNanos, int inFlight, boolean dropped);

    /** Whether it never changes. */
    default boolean isFixed() {
        return false;
    }
}
