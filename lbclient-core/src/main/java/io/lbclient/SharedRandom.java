package io.lbclient;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** Sources of randomness that many threads may use at once. */
final class SharedRandom {
    private SharedRandom() {}

    /** Each thread draws from a generator of its own; nothing is shared, and no run is like another. */
    static RandomGenerator unseeded() {
        return () -> ThreadLocalRandom.current().nextLong();
    }

    /** The same seed gives the same numbers in the same order, as long as one thread draws. (SplitMix64.) */
    static RandomGenerator seeded(long seed) {
        AtomicLong state = new AtomicLong(seed);
        return () -> {
            long z = state.addAndGet(0x9e3779b97f4a7c15L);
            z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
            z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
            return z ^ (z >>> 31);
        };
    }
}
