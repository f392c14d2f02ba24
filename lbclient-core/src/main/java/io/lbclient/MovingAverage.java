package io.lbclient;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lock-free average of one number that forgets with time.
 *
 * <p>Value and time stamp live in one long, the value as a float in the upper half, so that one compare-and-set
 * replaces both: a reader can never pair a new value with an old stamp. The stamp counts units of 2^16 nanoseconds (66
 * microseconds) and wraps after 78 hours; a longer silence is taken for a shorter one, which only makes an idle
 * server's average decay less than it should.
 *
 * <p>Reading projects the decay and writes nothing, so looks do not contend with each other.
 */
final class MovingAverage {
    private static final VarHandle PACKED;
    private static final int UNIT_SHIFT = 16;
    private static final long NO_SAMPLE = (long) Float.floatToRawIntBits(Float.NaN) << 32;

    static {
        try {
            PACKED = MethodHandles.lookup().findVarHandle(MovingAverage.class, "packed", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final double decayUnits;
    private volatile long packed = NO_SAMPLE;

    /** The mean lifetime of a sample: after it, an average without samples has fallen to 1/e. */
    MovingAverage(long decayNanos) {
        this.decayUnits = Math.max(1.0, (double) decayNanos / (1L << UNIT_SHIFT));
    }

    /** The value as it stands at a time; 0 if there was no sample. */
    double at(long now) {
        long seen = packed;
        float value = value(seen);
        return Float.isNaN(value) ? 0.0 : value * remaining(seen, now);
    }

    /**
     * Takes a sample, peak-sensitive: one above the average replaces it at once, one below it pulls the average down by
     * as much as the time since the last sample allows. Source: Finagle's Peak EWMA.
     */
    void addPeak(double sample, long now) {
        long seen;
        double next;
        do {
            seen = packed;
            float value = value(seen);
            double kept = remaining(seen, now);
            boolean first = Float.isNaN(value);
            next = first || sample >= value * kept ? sample : value * kept + sample * (1 - kept);
        } while (!PACKED.weakCompareAndSet(this, seen, pack(next, stampNotBefore(seen, now))));
    }

    /** Takes a sample that counts with a fixed share, however much time passed since the last. */
    void addShare(double sample, double share, long now) {
        long seen;
        double next;
        do {
            seen = packed;
            float value = value(seen);
            double before = Float.isNaN(value) ? 0.0 : value * remaining(seen, now);
            next = before + share * (sample - before);
            // A remnant that no longer means anything becomes zero, so that isZero() can spare the write.
            next = next < 1e-3 ? 0.0 : next;
        } while (!PACKED.weakCompareAndSet(this, seen, pack(next, stampNotBefore(seen, now))));
    }

    /** Lifts the average to a value if it stands below it, or has no sample. */
    void raiseTo(double floor, long now) {
        long seen = packed;
        float value = value(seen);
        if (Float.isNaN(value) || value * remaining(seen, now) < floor) {
            PACKED.compareAndSet(this, seen, pack(floor, stampNotBefore(seen, now)));
        }
    }

    boolean isZero() {
        float value = value(packed);
        return Float.isNaN(value) || value == 0f;
    }

    private double remaining(long seen, long now) {
        int elapsed = units(now) - (int) seen;
        // Another thread's later stamp, or a clock that went back, is no time at all.
        return elapsed <= 0 ? 1.0 : Math.exp(-elapsed / decayUnits);
    }

    private static long stampNotBefore(long seen, long now) {
        int stamp = units(now);
        return !Float.isNaN(value(seen)) && stamp - (int) seen < 0 ? (int) seen : stamp;
    }

    private static int units(long nanos) {
        return (int) (nanos >> UNIT_SHIFT);
    }

    private static float value(long packed) {
        return Float.intBitsToFloat((int) (packed >>> 32));
    }

    private static long pack(double value, long stamp) {
        return ((long) Float.floatToRawIntBits((float) value) << 32) | (stamp & 0xffff_ffffL);
    }
}
