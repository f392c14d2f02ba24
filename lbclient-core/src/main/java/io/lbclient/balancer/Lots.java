package io.lbclient.balancer;

import org.jspecify.annotations.Nullable;

/**
 * Draws servers, each with a chance proportional to its weight. The draws of one pick are numbered and follow from its
 * seed, so that a pick can have distinct ones without a list of those that it had.
 */
final class Lots {
    private final int count;
    /** Null if chances are equal. */
    private final @Nullable AliasTable table;

    Lots(Weights weights) {
        count = weights.count();
        table = weights.equal ? null : new AliasTable(weights.shares);
    }

    int drawn(long seed, int draw) {
        long bits = Draw.bits(seed, draw);
        return table == null ? Draw.below(count, bits) : table.at(bits);
    }

    /** Whether an index is among so many draws of a seed, from the first on. */
    boolean amongDrawn(int index, long seed, int draws) {
        for (int i = 0; i < draws; i++) {
            if (drawn(seed, i) == index) {
                return true;
            }
        }
        return false;
    }
}
