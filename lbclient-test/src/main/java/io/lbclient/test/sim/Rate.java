package io.lbclient.test.sim;

import java.time.Duration;
import java.util.Arrays;

/** How many requests arrive each second, over the time of a scenario. Immutable. */
public final class Rate {
    private static final int RAMP_STEPS = 100;

    private final long[] from;
    private final double[] perSecond;
    /** After this time it begins again; never if zero. */
    private final long periodNanos;

    private Rate(long[] from, double[] perSecond, long periodNanos) {
        this.from = from;
        this.perSecond = perSecond;
        this.periodNanos = periodNanos;
    }

    /**
     * Returns a rate that never changes.
     *
     * @param perSecond requests per second, greater than 0
     * @return the rate
     * @throws IllegalArgumentException if it is not
     */
    public static Rate of(double perSecond) {
        return new Rate(new long[1], new double[] {Checks.positive("perSecond", perSecond)}, 0);
    }

    /**
     * Returns this rate as it is until a time, and another one from then on.
     *
     * @param time since the beginning of the scenario, later than the last change so far
     * @param perSecondThen requests per second from then on, greater than 0
     * @return the rate with one more step
     * @throws IllegalArgumentException if one is out of range, or this rate has a period
     */
    public Rate then(Duration time, double perSecondThen) {
        long nanos = time.toNanos();
        if (periodNanos != 0 || nanos <= from[from.length - 1]) {
            throw Checks.rejected("time", time, "later than the last change, of a rate without a period");
        }
        long[] longer = Arrays.copyOf(from, from.length + 1);
        double[] rates = Arrays.copyOf(perSecond, perSecond.length + 1);
        longer[from.length] = nanos;
        rates[from.length] = Checks.positive("perSecondThen", perSecondThen);
        return new Rate(longer, rates, 0);
    }

    /**
     * Returns a rate that changes evenly, in a hundred steps.
     *
     * @param first requests per second until {@code start}, greater than 0
     * @param last requests per second from {@code end} on, greater than 0
     * @param start when the change begins, since the beginning of the scenario
     * @param end when it is over, later than {@code start}
     * @return the rate
     * @throws IllegalArgumentException if one is out of range
     */
    public static Rate ramp(double first, double last, Duration start, Duration end) {
        Rate rate = of(first);
        Checks.positive("end", end.minus(start));
        Checks.notNegative("start", start);
        for (int i = 1; i <= RAMP_STEPS; i++) {
            Duration at = start.plus(end.minus(start).multipliedBy(i).dividedBy(RAMP_STEPS));
            rate = rate.then(at, first + (last - first) * i / RAMP_STEPS);
        }
        return rate;
    }

    /**
     * Returns this rate with bursts at even distances, the first of them one distance from the beginning.
     *
     * @param every from the beginning of one burst to that of the next, greater than {@code length}
     * @param length how long a burst lasts, greater than zero
     * @param factor by how much the rate is greater during a burst, greater than 0
     * @return the rate with bursts
     * @throws IllegalArgumentException if one is out of range, or this rate is not constant
     */
    public Rate withBursts(Duration every, Duration length, double factor) {
        if (from.length != 1) {
            throw Checks.rejected("rate", this, "a constant one, to put bursts on");
        }
        Checks.positive("length", length);
        Checks.positive("every", every.minus(length));
        double burst = perSecond[0] * Checks.positive("factor", factor);
        long begins = every.minus(length).toNanos();
        return new Rate(new long[] {0, begins}, new double[] {perSecond[0], burst}, every.toNanos());
    }

    /** When, from a time on, this many requests have arrived at a rate that is this many times this one. */
    long after(long now, double requests, double times) {
        double left = requests * 1e9 / times;
        long at = now;
        while (true) {
            long base = periodNanos == 0 ? 0 : at - at % periodNanos;
            int step = stepAt(at - base);
            long end = step + 1 < from.length
                    ? base + from[step + 1]
                    : periodNanos == 0 ? Long.MAX_VALUE : base + periodNanos;
            double until = (end - at) * perSecond[step];
            if (until >= left) {
                return at + (long) StrictMath.ceil(left / perSecond[step]);
            }
            left -= until;
            at = end;
        }
    }

    private int stepAt(long time) {
        int step = from.length - 1;
        while (from[step] > time) {
            step--;
        }
        return step;
    }

    @Override
    public String toString() {
        return "rate from " + perSecond[0] + " per second in " + from.length + " steps";
    }
}
