package io.lbclient.retry;

import io.lbclient.internal.Checks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hedging: when an answer is late, the same request is sent to another server as well, and the first good answer wins.
 *
 * <p>Against servers that are each slow now and then, this cuts the tail for a few percent more requests (The Tail at
 * Scale, Dean and Barroso 2013). It is for requests that may be sent twice, and each hedge is paid for from the pool's
 * {@link io.lbclient.RetryBudget}. Besides that, hedges are at most a part of the requests, so that a service that has become slow as a
 * whole is not sent everything twice. Immutable, and safe to share.
 */
public final class Hedge {
    /** The part of the requests that may be hedged unless told otherwise: {@value}. */
    public static final double DEFAULT_SHARE = 0.05;

    private final @Nullable Duration fixed;
    private final double quantile;
    private final double share;

    private Hedge(@Nullable Duration fixed, double quantile, double share) {
        this.fixed = fixed;
        this.quantile = quantile;
        this.share = share;
    }

    /**
     * Returns hedging after what 95 % of the answers have lately taken.
     *
     * @return the hedging
     */
    public static Hedge afterP95() {
        return afterQuantile(0.95);
    }

    /**
     * Returns hedging after what a part of the answers have lately taken. Nothing is hedged before 100 answers have been
     * seen.
     *
     * @param quantile the part, 0.5 to 0.9999
     * @return the hedging
     * @throws IllegalArgumentException if it is out of its range
     */
    public static Hedge afterQuantile(double quantile) {
        return new Hedge(null, Checks.between("quantile", quantile, 0.5, 0.9999), DEFAULT_SHARE);
    }

    /**
     * Returns hedging after a fixed time.
     *
     * @param delay how long an answer is waited for, greater than zero
     * @return the hedging
     * @throws IllegalArgumentException if it is not
     */
    public static Hedge after(Duration delay) {
        return new Hedge(Checks.positive("delay", delay), 0, DEFAULT_SHARE);
    }

    /**
     * Returns a copy with another bound on how many of the requests are hedged.
     *
     * @param part the part of the requests, greater than 0, at most 1
     * @return the copy
     * @throws IllegalArgumentException if it is out of its range
     */
    public Hedge withShare(double part) {
        if (!(part > 0 && part <= 1)) {
            throw Checks.rejected("share", part, "> 0 and <= 1");
        }
        return new Hedge(fixed, quantile, part);
    }

    /**
     * Returns the bound on how many of the requests are hedged.
     *
     * @return the part of the requests
     */
    public double share() {
        return share;
    }

    /**
     * Returns after how long a request is to be hedged now.
     *
     * @param latencies what was observed
     * @return nanoseconds, or {@link Long#MAX_VALUE} while too little was observed
     */
    public long delayNanos(Latencies latencies) {
        if (fixed != null) {
            return fixed.toNanos();
        }
        return latencies.areFew() ? Long.MAX_VALUE : latencies.quantile(quantile);
    }
}
