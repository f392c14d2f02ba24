package io.lbclient.balancer;

/**
 * Draws an index with a chance proportional to its weight, in constant time: Vose's alias method.
 *
 * <p>Each index has a column of the same width. What a light one leaves of its column belongs to a heavier one, its
 * alias; a draw chooses a column, and then one of its two.
 */
final class AliasTable {
    private final double[] own;
    private final int[] alias;

    /** The shares are those of {@link Weights}: greater than 0 and at most 1. */
    AliasTable(double[] shares) {
        int n = shares.length;
        double sum = 0;
        for (double share : shares) {
            sum += share;
        }
        own = new double[n];
        alias = new int[n];
        // Light ones are stacked from the left, heavy ones from the right.
        int[] order = new int[n];
        int light = 0;
        int heavy = n;
        for (int i = 0; i < n; i++) {
            alias[i] = i;
            own[i] = shares[i] / sum * n;
            order[own[i] < 1 ? light++ : --heavy] = i;
        }
        while (light > 0 && heavy < n) {
            int under = order[--light];
            int over = order[heavy];
            alias[under] = over;
            own[over] -= 1 - own[under];
            if (own[over] < 1) {
                order[light++] = over;
                heavy++;
            }
        }
        // What rounding has left over fills its own column.
        for (int i = 0; i < light; i++) {
            own[order[i]] = 1;
        }
        for (int i = heavy; i < n; i++) {
            own[order[i]] = 1;
        }
    }

    /** The index that 64 random bits stand for. */
    int at(long bits) {
        int column = Draw.below(own.length, bits);
        // The lower half decides within the column, the upper half has chosen it.
        return (bits & 0xffff_ffffL) * 0x1.0p-32 < own[column] ? column : alias[column];
    }
}
