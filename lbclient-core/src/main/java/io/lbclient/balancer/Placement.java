package io.lbclient.balancer;

import io.lbclient.Candidate;
import org.jspecify.annotations.Nullable;

/**
 * Where an algorithm has put the servers: for each hash of a key, a sequence of servers, of which the first that will
 * do is picked. Immutable.
 */
abstract class Placement {
    /** What nginx looks at; others look at as many even if they have few servers, since places repeat servers. */
    static final int MIN_STEPS = 20;

    /** At least one. */
    final Candidate[] servers;

    Placement(Candidate[] servers) {
        this.servers = servers;
    }

    /** The hash of a key, which {@link #first} takes. */
    abstract long hash(Object key);

    /** The place in which the sequence for a hash begins: the hash itself, unless the algorithm has places of another kind. */
    long first(long hash) {
        return hash;
    }

    /**
     * The place after a place.
     *
     * @param key the key, null for a random hash
     * @param step the number of the place, 1 for the one after the first
     */
    abstract long next(@Nullable Object key, long place, int step);

    /** The index of the server in a place; negative if the place is empty. */
    abstract int owner(long place);

    /** A hash in the range of this algorithm's hashes, for a request without a key. */
    long hashOf(long random) {
        return random;
    }

    /** How many places after the first to look at before the servers are gone through one by one. */
    int steps() {
        return MIN_STEPS + servers.length;
    }
}
