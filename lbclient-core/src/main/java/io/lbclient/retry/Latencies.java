package io.lbclient.retry;

import io.lbclient.Ticker;
import io.lbclient.internal.Checks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What answers have lately taken: percentiles of the last 10 to 20 seconds, for hedging and for timeouts that follow
 * what is observed.
 *
 * <p>An attempt that was given up is recorded with the time after which it was: it would have taken at least that
 * long, and percentiles below it stay right. Left out, the slow ones would be missing, the percentiles would fall, and
 * with them the delay after which attempts are given up.
 *
 * <p>Percentiles are exact to an eighth, rounded up, so that what is set by one is never set too tight. Safe for use by
 * many threads; recording is two atomic additions.
 */
public final class Latencies {
    private static final VarHandle WINDOWS;
    private static final long WINDOW_NANOS = Duration.ofSeconds(10).toNanos();
    /** Eight steps for each doubling. */
    private static final int STEP_BITS = 3;

    private static final int STEPS = 1 << STEP_BITS;
    /** The least that is told apart is 2^10 ns, a microsecond. */
    private static final int UNIT_SHIFT = 10;

    /** How many latencies it takes before a percentile of them means something. */
    private static final int LEAST_COUNT = 100;

    private static final int BUCKETS = (Long.SIZE - UNIT_SHIFT) * STEPS;

    static {
        try {
            WINDOWS = MethodHandles.lookup().findVarHandle(Latencies.class, "windows", Windows.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Ticker ticker;
    private volatile Windows windows;

    /**
     * Creates a record of nothing yet.
     *
     * @param ticker the clock, which should be the pool's
     */
    public Latencies(Ticker ticker) {
        this.ticker = ticker;
        AtomicLongArray none = new AtomicLongArray(BUCKETS + 1);
        this.windows = new Windows(ticker.read(), none, new AtomicLongArray(BUCKETS + 1));
    }

    /** The counts since a time, and those of the window before it. The last element is the total. */
    private record Windows(long since, AtomicLongArray before, AtomicLongArray present) {}

    /**
     * Records a latency.
     *
     * @param nanos nanoseconds until the answer began, or until the attempt was given up; below zero counts as zero
     */
    public void record(long nanos) {
        AtomicLongArray counts = turned().present;
        counts.incrementAndGet(bucket(Math.max(0, nanos)));
        counts.incrementAndGet(BUCKETS);
    }

    /**
     * Returns how many latencies the percentiles are taken from.
     *
     * @return the latencies of the last 10 to 20 seconds
     */
    public long count() {
        Windows seen = turned();
        return seen.before.get(BUCKETS) + seen.present.get(BUCKETS);
    }

    /** Whether there are too few to set anything by a percentile of them. */
    boolean areFew() {
        return count() < LEAST_COUNT;
    }

    /**
     * Returns what a part of the latencies did not exceed.
     *
     * @param quantile the part, 0 to 1, such as 0.95
     * @return nanoseconds, rounded up by at most an eighth; 0 if there are no latencies
     * @throws IllegalArgumentException if the part is out of its range
     */
    public long quantile(double quantile) {
        Checks.between("quantile", quantile, 0, 1);
        Windows seen = turned();
        long total = seen.before.get(BUCKETS) + seen.present.get(BUCKETS);
        long wanted = (long) Math.ceil(total * quantile);
        long sum = 0;
        for (int i = 0; i < BUCKETS && total > 0; i++) {
            sum += seen.before.get(i) + seen.present.get(i);
            if (sum >= wanted && sum > 0) {
                return upperBound(i);
            }
        }
        return 0;
    }

    private Windows turned() {
        Windows seen = windows;
        long now = ticker.read();
        long elapsed = now - seen.since;
        if (elapsed < WINDOW_NANOS) {
            return seen;
        }
        // After a long silence the window before is an old one too.
        AtomicLongArray before = elapsed < 2 * WINDOW_NANOS ? seen.present : new AtomicLongArray(BUCKETS + 1);
        Windows next = new Windows(now, before, new AtomicLongArray(BUCKETS + 1));
        return WINDOWS.compareAndSet(this, seen, next) ? next : windows;
    }

    private static int bucket(long nanos) {
        long units = nanos >> UNIT_SHIFT;
        if (units < STEPS) {
            return (int) units;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(units) - STEP_BITS;
        return Math.min(BUCKETS - 1, (shift << STEP_BITS) + (int) (units >> shift));
    }

    private static long upperBound(int bucket) {
        if (bucket < STEPS) {
            return (bucket + 1L) << UNIT_SHIFT;
        }
        int shift = (bucket >> STEP_BITS) - 1;
        long step = STEPS + (long) (bucket & (STEPS - 1));
        return (step + 1) << (shift + UNIT_SHIFT);
    }
}
