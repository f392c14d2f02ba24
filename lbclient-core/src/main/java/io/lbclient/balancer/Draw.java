package io.lbclient.balancer;

/**
 * Turns 64 random bits into a number, always with one draw.
 *
 * <p>{@code RandomGenerator.nextInt(bound)} draws again whenever the bits would favour a number; a generator that
 * repeats itself could keep it in that loop for ever. The favour that is left here is at most one in 2^32 per number.
 */
final class Draw {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private Draw() {}

    /** A number from 0 to {@code bound - 1}, from the upper half of the bits. */
    static int below(int bound, long bits) {
        return (int) (((bits >>> 32) * bound) >>> 32);
    }

    /** A number from 0, inclusive, to 1, exclusive. */
    static double unit(long bits) {
        return (bits >>> 11) * 0x1.0p-53;
    }

    /**
     * The bits of one draw of a sequence that a seed stands for (SplitMix64). They can be had again, so that a pick can
     * compare its draws without keeping them.
     */
    static long bits(long seed, int draw) {
        return mix(seed + draw * GOLDEN);
    }

    /** The finaliser of SplitMix64 (Stafford's mix 13): each bit of the input turns about half of the output's. */
    static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /**
     * A turn as a number from 0 to 1: the multiples of the golden ratio, which fill the interval more evenly than
     * random numbers would, whatever number of turns is looked at. (Weyl's sequence.)
     */
    static double spread(int turn) {
        return unit(turn * GOLDEN);
    }
}
