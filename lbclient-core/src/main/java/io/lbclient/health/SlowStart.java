package io.lbclient.health;

import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.internal.Checks;
import java.time.Duration;

/**
 * Slow start: a server that joins, or comes back, gets a share of the picks that grows to the full one.
 *
 * <p>At {@code t} after it became eligible, within the window, a server gets {@code max(minWeightPercent / 100, (t /
 * window) ^ (1 / aggression))} times what a server of its weight and tier gets on average, whatever the strategy: the
 * bound is on the picks made, so least requests and the adaptive strategy cannot flood a server that looks idle. Servers
 * that are equally far in their slow start do not hold each other back, so it has no effect on a pool whose servers are
 * all new. While it lasts, {@link io.lbclient.HealthCause#WARMING} is raised.
 *
 * <p>Formula and defaults are Envoy's. Immutable, and safe to share between pools.
 */
public final class SlowStart implements HealthMonitor {
    private final long windowNanos;
    private final double exponent;
    private final double minFactor;

    private SlowStart(Builder settings) {
        windowNanos = settings.window.toNanos();
        exponent = 1 / settings.aggression;
        minFactor = settings.minWeightPercent / 100;
    }

    /**
     * Returns slow start with a linear ramp that begins at 10 %.
     *
     * @param window how long it takes, greater than zero
     * @return the monitor
     * @throws IllegalArgumentException if it is not
     */
    public static SlowStart over(Duration window) {
        return builder(window).build();
    }

    /**
     * Begins a slow start.
     *
     * @param window how long it takes, greater than zero
     * @return a builder with the defaults
     * @throws IllegalArgumentException if it is not
     */
    public static Builder builder(Duration window) {
        return new Builder(window);
    }

    @Override
    public Watch start(MonitoredPool pool) {
        return new SlowStartWatch(this, pool);
    }

    long windowNanos() {
        return windowNanos;
    }

    /** The part of the full share that a server gets some time after it became eligible. */
    double factor(long elapsedNanos) {
        if (elapsedNanos >= windowNanos) {
            return 1;
        }
        double time = Math.max(0, elapsedNanos) / (double) windowNanos;
        return Math.max(minFactor, Math.pow(time, exponent));
    }

    /** Collects the settings; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private final Duration window;
        private double aggression = 1;
        private double minWeightPercent = 10;

        private Builder(Duration window) {
            this.window = Checks.positive("window", window);
        }

        /**
         * Sets the shape of the ramp: 1 is a straight line, above 1 most of it comes early, under 1 late. Default: 1.
         *
         * @param value 0.01 to 100
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder aggression(double value) {
            aggression = Checks.between("aggression", value, 0.01, 100);
            return this;
        }

        /**
         * Sets the least share, in percent of the full one. Default: 10.
         *
         * @param percent greater than 0, since a server without any picks cannot warm up, to 100
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder minWeightPercent(double percent) {
            if (!(percent > 0 && percent <= 100)) {
                throw Checks.rejected("minWeightPercent", percent, "> 0 and <= 100");
            }
            minWeightPercent = percent;
            return this;
        }

        /**
         * Builds the monitor.
         *
         * @return the monitor
         */
        public SlowStart build() {
            return new SlowStart(this);
        }
    }
}
