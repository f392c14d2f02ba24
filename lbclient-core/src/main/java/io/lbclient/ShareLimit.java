package io.lbclient;

/**
 * A bound on a server's share of the picks that changes with time: what slow start and {@code Retry-After} are made of.
 *
 * <p>A share of 0.2 lets through one in five of the picks that the strategy makes for the server; the others go to
 * other servers. So it works with every strategy, whether or not it knows weights, and nothing is rebuilt while the
 * share grows. Called by many threads at once, on the path of a request: it must not block, and should not allocate.
 */
@FunctionalInterface
public interface ShareLimit {
    /**
     * Returns the share at a time.
     *
     * @param now a reading of the pool's ticker
     * @return 0 (nothing, while another server may be picked) to 1 (as much as the strategy likes)
     */
    double at(long now);
}
