package io.lbclient.health;

import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.internal.Checks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Active checks: asks each server again and again whether it is well, and keeps those that are not out of the picks.
 *
 * <p>A server that fails {@code unhealthyThreshold} checks in a row is taken out, and one that then passes {@code
 * healthyThreshold} in a row comes back. From the first failure on until it is well again it is asked every {@code
 * unhealthyInterval}. The first check of a server comes at a random moment within an interval, and each later one is
 * moved at random by the jitter, so that many clients do not ask at once.
 *
 * <p>A check that does not answer within the timeout is cancelled and has failed. Checks hold up neither each other nor
 * requests: what blocks runs on daemon threads of the monitor, which end with the pool. A check that cannot be
 * cancelled keeps its thread, and its server is not asked again until it ends; each round counts as a failure.
 *
 * <p>A passing check says that the server answers checks, no more: it clears nothing that outlier detection or a circuit
 * breaker has raised, unless {@link Builder#readmitsEjected} says so. Immutable, and safe to share between pools.
 */
public final class ActiveChecks implements HealthMonitor {
    final HealthCheck check;
    final long intervalNanos;
    final long unhealthyIntervalNanos;
    final long timeoutNanos;
    final int healthyThreshold;
    final int unhealthyThreshold;
    final double jitter;
    final boolean waitForFirstPass;
    final boolean readmitsEjected;
    final int maxConcurrent;

    private ActiveChecks(Builder settings, Duration unhealthyInterval) {
        check = settings.check;
        intervalNanos = settings.interval.toNanos();
        unhealthyIntervalNanos = unhealthyInterval.toNanos();
        timeoutNanos = settings.timeout.toNanos();
        healthyThreshold = settings.healthyThreshold;
        unhealthyThreshold = settings.unhealthyThreshold;
        jitter = settings.jitterPercent / 100.0;
        waitForFirstPass = settings.waitForFirstPass;
        readmitsEjected = settings.readmitsEjected;
        maxConcurrent = settings.maxConcurrent;
    }

    /**
     * Returns active checks with the defaults.
     *
     * @param check what is asked
     * @return the monitor
     */
    public static ActiveChecks of(HealthCheck check) {
        return builder(check).build();
    }

    /**
     * Begins active checks.
     *
     * @param check what is asked
     * @return a builder with the defaults
     */
    public static Builder builder(HealthCheck check) {
        return new Builder(check);
    }

    @Override
    public Watch start(MonitoredPool pool) {
        return new CheckWatch(this, pool);
    }

    /** Collects the settings; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private static final Duration FASTER = Duration.ofSeconds(2);

        private final HealthCheck check;
        private Duration interval = Duration.ofSeconds(5);
        private @Nullable Duration unhealthyInterval;
        private Duration timeout = Duration.ofSeconds(1);
        private int healthyThreshold = 2;
        private int unhealthyThreshold = 3;
        private int jitterPercent = 20;
        private boolean waitForFirstPass;
        private boolean readmitsEjected;
        private int maxConcurrent = 64;

        private Builder(HealthCheck check) {
            this.check = check;
        }

        /**
         * Sets how often a healthy server is asked. Default: 5 s.
         *
         * @param time from one check's beginning to the next one's, greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder interval(Duration time) {
            interval = Checks.positive("interval", time);
            return this;
        }

        /**
         * Sets how often a server is asked whose last check failed, or that is out. Default: 2 s, or the interval if
         * that is shorter.
         *
         * @param time greater than zero, and not longer than the interval
         * @return this builder
         * @throws IllegalArgumentException if it is not greater than zero; {@link #build} if it is longer
         */
        public Builder unhealthyInterval(Duration time) {
            unhealthyInterval = Checks.positive("unhealthyInterval", time);
            return this;
        }

        /**
         * Sets how long a check may take. Default: 1 s.
         *
         * @param time greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder timeout(Duration time) {
            timeout = Checks.positive("timeout", time);
            return this;
        }

        /**
         * Sets how many checks in a row must pass before a server comes back. Default: 2.
         *
         * @param checks at least 1
         * @return this builder
         * @throws IllegalArgumentException if it is less
         */
        public Builder healthyThreshold(int checks) {
            healthyThreshold = Checks.atLeast("healthyThreshold", checks, 1);
            return this;
        }

        /**
         * Sets how many checks in a row must fail before a server is taken out. Default: 3.
         *
         * @param checks at least 1
         * @return this builder
         * @throws IllegalArgumentException if it is less
         */
        public Builder unhealthyThreshold(int checks) {
            unhealthyThreshold = Checks.atLeast("unhealthyThreshold", checks, 1);
            return this;
        }

        /**
         * Sets by how much the time to the next check is made longer or shorter at most, drawn at random. Default: 20.
         *
         * @param percent of the interval, 0 to 90
         * @return this builder
         * @throws IllegalArgumentException if it is something else
         */
        public Builder jitterPercent(int percent) {
            jitterPercent = Checks.between("jitterPercent", percent, 0, 90);
            return this;
        }

        /**
         * Sets what a server is that has not been asked yet. Either it is trusted and picked at once, or it waits for
         * its first check to pass, of which one is then enough, and which comes within an {@code unhealthyInterval}.
         * Default: false, trusted.
         *
         * @param wait true to wait
         * @return this builder
         */
        public Builder waitForFirstPass(boolean wait) {
            waitForFirstPass = wait;
            return this;
        }

        /**
         * Sets whether a server that was ejected by outlier detection is brought back by the next passing check, if
         * {@code healthyThreshold} in a row have passed. Default: false, because a server that answers checks and fails requests is
         * the very thing that outlier detection is for.
         *
         * @param readmits true if so
         * @return this builder
         */
        public Builder readmitsEjected(boolean readmits) {
            readmitsEjected = readmits;
            return this;
        }

        /**
         * Sets how many checks of one pool run at once at most; others wait until one has ended. Default: 64.
         *
         * @param checks at least 1
         * @return this builder
         * @throws IllegalArgumentException if it is less
         */
        public Builder maxConcurrent(int checks) {
            maxConcurrent = Checks.atLeast("maxConcurrent", checks, 1);
            return this;
        }

        /**
         * Builds the monitor.
         *
         * @return the monitor
         * @throws IllegalArgumentException if {@code unhealthyInterval} is longer than {@code interval}
         */
        public ActiveChecks build() {
            Duration faster = unhealthyInterval;
            if (faster == null) {
                faster = FASTER.compareTo(interval) < 0 ? FASTER : interval;
            } else if (faster.compareTo(interval) > 0) {
                throw Checks.rejected("unhealthyInterval", faster, "at most the interval, " + interval);
            }
            return new ActiveChecks(this, faster);
        }
    }
}
