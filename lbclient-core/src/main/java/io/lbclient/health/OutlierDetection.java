package io.lbclient.health;

import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.internal.Checks;
import java.time.Duration;

/**
 * Outlier detection: ejects servers whose answers are worse than they should be, or worse than those of the others.
 *
 * <p>Four detectors, each of which can be switched off: consecutive failures of the server's own, consecutive failures
 * of local origin (no connection, or no answer in time), the success rate compared with that of the other servers, and
 * the percentage of failures. The two that count in a row act at once; the other two look at each finished interval,
 * once for the failures of the server's own and once for those of local origin. Servers with little traffic are left
 * out of them.
 *
 * <p>An ejected server stays out for {@code baseEjectionTime} times the number of its ejections, up to {@code
 * maxEjectionTime}; each whole interval without an ejection takes one off that number. Then it is tried with one
 * request: a success brings it back, a failure is the next ejection, and if no request comes by for an interval it is
 * brought back all the same. A passing active check does not bring it back, unless {@link
 * ActiveChecks.Builder#readmitsEjected} says so.
 *
 * <p>The algorithm is Envoy's and gRPC's (A50). Immutable, and safe to share between pools.
 */
public final class OutlierDetection implements HealthMonitor {
    private static final OutlierDetection DEFAULTS = builder().build();

    final long intervalNanos;
    final long baseEjectionNanos;
    final long maxEjectionNanos;
    final long ejectionJitterNanos;
    final int maxEjectionPercent;
    final boolean alwaysEjectOneServer;
    final boolean returnByTrial;
    final int consecutiveFailures;
    final int consecutiveLocalOriginFailures;
    final RateDetector successRate;
    final RateDetector failurePercentage;

    private OutlierDetection(Builder settings) {
        intervalNanos = settings.interval.toNanos();
        baseEjectionNanos = settings.baseEjectionTime.toNanos();
        // As in Envoy: a base above the maximum is in force as it is.
        maxEjectionNanos = Math.max(settings.maxEjectionTime.toNanos(), baseEjectionNanos);
        ejectionJitterNanos = settings.maxEjectionTimeJitter.toNanos();
        maxEjectionPercent = settings.maxEjectionPercent;
        alwaysEjectOneServer = settings.alwaysEjectOneServer;
        returnByTrial = settings.returnByTrial;
        consecutiveFailures = settings.consecutiveFailures;
        consecutiveLocalOriginFailures = settings.consecutiveLocalOriginFailures;
        successRate = settings.successRate;
        failurePercentage = settings.failurePercentage;
    }

    /**
     * Returns outlier detection with all defaults.
     *
     * @return the monitor
     */
    public static OutlierDetection withDefaults() {
        return DEFAULTS;
    }

    /**
     * Begins an outlier detection with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Watch start(MonitoredPool pool) {
        OutlierWatch watch = new OutlierWatch(this, pool);
        watch.planSweep();
        return watch;
    }

    /** Collects the settings; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private Duration interval = Duration.ofSeconds(10);
        private Duration baseEjectionTime = Duration.ofSeconds(30);
        private Duration maxEjectionTime = Duration.ofMinutes(5);
        private Duration maxEjectionTimeJitter = Duration.ZERO;
        private int maxEjectionPercent = 10;
        private boolean alwaysEjectOneServer = true;
        private boolean returnByTrial = true;
        private int consecutiveFailures = 5;
        private int consecutiveLocalOriginFailures = 5;
        private RateDetector successRate = RateDetector.successRate(5, 100, 1.9);
        private RateDetector failurePercentage = RateDetector.failurePercentage(85, 5, 50);

        private Builder() {}

        /**
         * Sets how often the rates are looked at and servers are brought back. Default: 10 s.
         *
         * @param time greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder interval(Duration time) {
            interval = Checks.positive("interval", time);
            return this;
        }

        /**
         * Sets how long the first ejection of a server lasts; the next ones last a multiple of it. Default: 30 s.
         *
         * @param time greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder baseEjectionTime(Duration time) {
            baseEjectionTime = Checks.positive("baseEjectionTime", time);
            return this;
        }

        /**
         * Sets how long an ejection lasts at most; if it is less than {@code baseEjectionTime}, that counts instead.
         * Default: 300 s.
         *
         * @param time greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder maxEjectionTime(Duration time) {
            maxEjectionTime = Checks.positive("maxEjectionTime", time);
            return this;
        }

        /**
         * Sets by how much an ejection is prolonged at most, drawn at random for each ejection, so that servers which
         * were ejected together do not return together. Default: 0.
         *
         * @param time at least zero
         * @return this builder
         * @throws IllegalArgumentException if it is negative
         */
        public Builder maxEjectionTimeJitter(Duration time) {
            maxEjectionTimeJitter = Checks.notNegative("maxEjectionTimeJitter", time);
            return this;
        }

        /**
         * Sets which part of the pool's servers may be ejected at once, the one about to be ejected included. Default:
         * 10 %.
         *
         * @param percent 0 to 100
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder maxEjectionPercent(int percent) {
            maxEjectionPercent = Checks.between("maxEjectionPercent", percent, 0, 100);
            return this;
        }

        /**
         * Sets whether one server may be ejected even if {@code maxEjectionPercent} would allow none, as it does in a
         * pool of nine servers with 10 %; the only server of a pool never is. Default: true.
         *
         * @param always true if so
         * @return this builder
         */
        public Builder alwaysEjectOneServer(boolean always) {
            alwaysEjectOneServer = always;
            return this;
        }

        /**
         * Sets whether a server whose time is over is tried with one request before it gets its share again. Otherwise
         * it returns by time alone, as in Envoy. Default: true.
         *
         * @param trial true if so
         * @return this builder
         */
        public Builder returnByTrial(boolean trial) {
            returnByTrial = trial;
            return this;
        }

        /**
         * Sets how many failures of the server's own in a row eject it. Default: 5.
         *
         * @param failures at least 1
         * @return this builder
         * @throws IllegalArgumentException if it is less
         */
        public Builder consecutiveFailures(int failures) {
            consecutiveFailures = Checks.atLeast("consecutiveFailures", failures, 1);
            return this;
        }

        /**
         * Switches the detector of consecutive failures off.
         *
         * @return this builder
         */
        public Builder withoutConsecutiveFailures() {
            consecutiveFailures = Integer.MAX_VALUE;
            return this;
        }

        /**
         * Sets how many failures of local origin in a row eject a server: {@link io.lbclient.Outcome#CONNECT_FAILURE}
         * and {@link io.lbclient.Outcome#TIMEOUT}. Any answer ends the row, also one that is a failure. Default: 5.
         *
         * @param failures at least 1
         * @return this builder
         * @throws IllegalArgumentException if it is less
         */
        public Builder consecutiveLocalOriginFailures(int failures) {
            consecutiveLocalOriginFailures = Checks.atLeast("consecutiveLocalOriginFailures", failures, 1);
            return this;
        }

        /**
         * Switches the detector of consecutive failures of local origin off.
         *
         * @return this builder
         */
        public Builder withoutConsecutiveLocalOriginFailures() {
            consecutiveLocalOriginFailures = Integer.MAX_VALUE;
            return this;
        }

        /**
         * Sets the success-rate detector: ejects servers whose success rate in the last interval is less than the mean
         * of all minus {@code stdevFactor} times the (population) standard deviation.
         *
         * @param minimumServers how many servers must have had {@code requestVolume} requests for the rates to be
         *     compared, at least 1. Default: 5
         * @param requestVolume how many requests a server must have had in the interval to be looked at, at least 1.
         *     Default: 100
         * @param stdevFactor at least 0 and finite. Default: 1.9
         * @return this builder
         * @throws IllegalArgumentException if one is outside of this
         */
        public Builder successRate(int minimumServers, int requestVolume, double stdevFactor) {
            successRate = RateDetector.successRate(
                    Checks.atLeast("minimumServers", minimumServers, 1),
                    Checks.atLeast("requestVolume", requestVolume, 1),
                    Checks.between("stdevFactor", stdevFactor, 0.0, Double.MAX_VALUE));
            return this;
        }

        /**
         * Switches the success-rate detector off.
         *
         * @return this builder
         */
        public Builder withoutSuccessRate() {
            successRate = RateDetector.OFF;
            return this;
        }

        /**
         * Sets the failure-percentage detector: ejects servers of whose requests in the last interval at least {@code
         * threshold} percent failed.
         *
         * @param threshold percent, 1 to 100. Default: 85
         * @param minimumServers how many servers must have had {@code requestVolume} requests, at least 1. Default: 5
         * @param requestVolume how many requests a server must have had in the interval to be looked at, at least 1.
         *     Default: 50
         * @return this builder
         * @throws IllegalArgumentException if one is outside of this
         */
        public Builder failurePercentage(int threshold, int minimumServers, int requestVolume) {
            failurePercentage = RateDetector.failurePercentage(
                    Checks.between("threshold", threshold, 1, 100),
                    Checks.atLeast("minimumServers", minimumServers, 1),
                    Checks.atLeast("requestVolume", requestVolume, 1));
            return this;
        }

        /**
         * Switches the failure-percentage detector off.
         *
         * @return this builder
         */
        public Builder withoutFailurePercentage() {
            failurePercentage = RateDetector.OFF;
            return this;
        }

        /**
         * Builds the monitor.
         *
         * @return the monitor
         */
        public OutlierDetection build() {
            return new OutlierDetection(this);
        }
    }
}
