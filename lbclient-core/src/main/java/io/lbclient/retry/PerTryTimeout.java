package io.lbclient.retry;

import io.lbclient.internal.Checks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long one attempt may take until its answer begins, whatever the whole request may take. Immutable, and safe to
 * share.
 *
 * <p>A timeout that is shorter than what answers usually take fails everything and doubles the load; so the adaptive one
 * follows what is observed, and is never under it.
 */
public final class PerTryTimeout {
    private final @Nullable Duration fixed;
    private final double multiple;
    private final Duration least;

    private PerTryTimeout(@Nullable Duration fixed, double multiple, Duration least) {
        this.fixed = fixed;
        this.multiple = multiple;
        this.least = least;
    }

    /**
     * Returns a fixed timeout, for somebody who knows that the service answers well within it.
     *
     * @param timeout greater than zero
     * @return the timeout
     * @throws IllegalArgumentException if it is not
     */
    public static PerTryTimeout of(Duration timeout) {
        return new PerTryTimeout(Checks.positive("timeout", timeout), 1, Duration.ZERO);
    }

    /**
     * Returns a timeout of a multiple of what 99 % of the answers have lately taken. There is none before 100 answers
     * have been seen. Attempts that run into it count as answers that took that long, so when the service becomes
     * slower as a whole, the timeout grows until it is out of the way.
     *
     * @param multiple 1 to 100; 3 is a good start
     * @param least never shorter than this, greater than zero, since a pause of a garbage collector is no failure
     * @return the timeout
     * @throws IllegalArgumentException if one of them is out of its range
     */
    public static PerTryTimeout ofP99(double multiple, Duration least) {
        return new PerTryTimeout(null, Checks.between("multiple", multiple, 1, 100), Checks.positive("least", least));
    }

    /**
     * Returns how long an attempt may take now.
     *
     * @param latencies what was observed
     * @return nanoseconds, or {@link Long#MAX_VALUE} while too little was observed
     */
    public long timeoutNanos(Latencies latencies) {
        if (fixed != null) {
            return fixed.toNanos();
        }
        if (latencies.areFew()) {
            return Long.MAX_VALUE;
        }
        return Math.max(least.toNanos(), (long) (multiple * latencies.quantile(0.99)));
    }
}
