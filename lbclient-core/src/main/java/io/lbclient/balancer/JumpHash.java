package io.lbclient.balancer;

import org.jspecify.annotations.Nullable;

/** See {@link Balancers#jumpHash}. */
final class JumpHash extends SlotPlacement {
    private final long seed;

    JumpHash(Members members, Slots slots, long seed) {
        super(members, slots);
        this.seed = seed;
    }

    @Override
    long hash(Object key) {
        return XxHash64.hashKey(key, seed);
    }

    /** Hashed again rather than moved on: the keys of an empty slot go to all servers, not to a neighbour. */
    @Override
    long next(@Nullable Object key, long place, int step) {
        return Draw.bits(place, 1);
    }

    @Override
    int owner(long place) {
        return slots.owner(bucket(place, slots.count()));
    }

    /** Lamping and Veach: A Fast, Minimal Memory, Consistent Hash Algorithm. */
    static int bucket(long key, int buckets) {
        long state = key;
        long bucket = -1;
        long jump = 0;
        while (jump < buckets) {
            bucket = jump;
            state = state * 2862933555777941757L + 1;
            jump = (long) ((bucket + 1) * (0x1p31 / ((state >>> 33) + 1)));
        }
        return (int) bucket;
    }
}
