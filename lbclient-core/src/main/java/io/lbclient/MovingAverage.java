package io.lbclient;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lock-free average of one number that forgets with time.
 *
 * <p>Value and time stamp live in one long, the value as a float in the upper half, so that one compare-and-set
 * replaces both: a reader can never pair a new value with an old stamp. The stamp counts units of 2^16 nanoseconds (66
 * microseconds) and wraps after 78 hours; a longer silence is taken for a shorter one, which only makes an idle
 * server's average decay less than it should. A reading up to 69 seconds before the stamp is taken for what it is, a
 * thread that was overtaken or a clock that went back; one from longer ago looks like a long silence.
 *
 * <p>Reading projects the decay and writes nothing, so looks do not contend with each other.
 */
final class MovingAverage {
    private static final VarHandle PACKED;
    private static final int UNIT_SHIFT = 16;
    private static final long WRAP = 1L << 32;
    private static final long BACKWARDS = 1L << 20;
    /** Up to so many lifetimes, the fourth term of the series of an exponential is under 5e-10. */
    private static final double SHORT = 0.01;

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

    /** The value as it stood after the last sample; 0 if there was none. */
    double last() {
        float value = value(packed);
        return Float.isNaN(value) ? 0.0 : value;
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

    /**
     * Takes a sample that counts with a share: a fixed one while samples come one upon another, and more the longer there
     * was none, for what was known before is no longer news. The first counts whole.
     */
    void addFresh(double sample, double share, double silenceNanos, long now) {
        double silenceUnits = silenceNanos / (1L << UNIT_SHIFT);
        long seen;
        double next;
        do {
            seen = packed;
            next = fresh(seen, sample, share, silenceUnits, now);
        } while (!PACKED.weakCompareAndSet(this, seen, pack(next, stampNotBefore(seen, now))));
    }

    /**
     * The same for an average in which one sample more or less means nothing: of two that come at once one may be lost,
     * and in turn there is no compare-and-set to pay.
     */
    void noteFresh(double sample, double share, double silenceNanos, long now) {
        long seen = (long) PACKED.getOpaque(this);
        double next = fresh(seen, sample, share, silenceNanos / (1L << UNIT_SHIFT), now);
        PACKED.setOpaque(this, pack(next, stampNotBefore(seen, now)));
    }

    private double fresh(long seen, double sample, double share, double silenceUnits, long now) {
        float value = value(seen);
        double before = Float.isNaN(value) ? sample : value * remaining(seen, now);
        double next = before + weight(share, elapsed(seen, now) / silenceUnits) * (sample - before);
        // A remnant that no longer means anything becomes zero, so that isZero() can spare the write.
        return next < 1e-3 ? 0.0 : next;
    }

    /** One less what is kept after a silence is less than the silence, so a short one needs no exponential. */
    private static double weight(double share, double silence) {
        return silence <= share ? share : Math.max(share, 1 - Math.exp(-silence));
    }

    /** Lifts the average to a value if it stands below it, or has no sample. */
    void raiseTo(double floor, long now) {
        long seen;
        do {
            seen = packed;
            float value = value(seen);
            if (!Float.isNaN(value) && value * remaining(seen, now) >= floor) {
                return;
            }
        } while (!PACKED.weakCompareAndSet(this, seen, pack(floor, stampNotBefore(seen, now))));
    }

    /** Forgets all samples. One that another thread adds at the same moment may stay. */
    void reset() {
        packed = NO_SAMPLE;
    }

    boolean isZero() {
        float value = value(packed);
        return Float.isNaN(value) || value == 0f;
    }

    private double remaining(long seen, long now) {
        long elapsed = elapsed(seen, now);
        if (elapsed == 0) {
            return 1.0;
        }
        double lifetimes = elapsed / decayUnits;
        if (lifetimes > SHORT) {
            return Math.exp(-lifetimes);
        }
        // The first terms of the series are exact to more digits than are kept, and a fraction of the price.
        return 1 - lifetimes * (1 - lifetimes / 2 * (1 - lifetimes / 3));
    }

    /** Units since the stamp; 0 if the reading is from before it. */
    private static long elapsed(long seen, long now) {
        long elapsed = (units(now) - seen) & (WRAP - 1);
        return elapsed >= WRAP - BACKWARDS ? 0 : elapsed;
    }

    private static long stampNotBefore(long seen, long now) {
        return !Float.isNaN(value(seen)) && elapsed(seen, now) == 0 ? (int) seen : units(now);
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
