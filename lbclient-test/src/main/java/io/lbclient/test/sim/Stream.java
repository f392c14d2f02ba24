package io.lbclient.test.sim;

/**
 * A stream of random numbers (SplitMix64). Streams with different names are independent, so that what one part of a
 * simulation draws never shifts what another part draws. Its functions are those of {@link StrictMath}: the same on
 * every machine.
 */
final class Stream {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private long state;
    private boolean spare;
    private double spareGaussian;

    Stream(long seed) {
        restart(seed);
    }

    static Stream named(long seed, long kind, long number) {
        return new Stream(seed(seed, kind, number));
    }

    /** The seed of a stream that has a name of two numbers. */
    static long seed(long seed, long kind, long number) {
        return mix(mix(mix(seed + GOLDEN) ^ kind * 0xd1342543de82ef95L) + number * GOLDEN);
    }

    static long mix(long bits) {
        long z = bits;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** A number from 0, inclusive, to 1, exclusive. */
    static double unit(long bits) {
        return (bits >>> 11) * 0x1.0p-53;
    }

    void restart(long seed) {
        state = seed;
        spare = false;
    }

    long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    double nextDouble() {
        return unit(nextLong());
    }

    int nextInt(int bound) {
        return (int) (nextDouble() * bound);
    }

    /** Exponentially distributed with mean 1. */
    double nextExponential() {
        return -StrictMath.log(1 - nextDouble());
    }

    /** Standard normal, in pairs (Box and Muller). */
    double nextGaussian() {
        if (spare) {
            spare = false;
            return spareGaussian;
        }
        double radius = StrictMath.sqrt(2 * nextExponential());
        double angle = 2 * StrictMath.PI * nextDouble();
        spareGaussian = radius * StrictMath.sin(angle);
        spare = true;
        return radius * StrictMath.cos(angle);
    }
}
