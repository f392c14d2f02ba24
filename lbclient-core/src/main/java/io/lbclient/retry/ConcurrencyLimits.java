package io.lbclient.retry;

import io.lbclient.Candidate;
import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.Outcome;
import io.lbclient.internal.Checks;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Limits on what is in flight to each server, which the pick respects: a full server is passed over, whatever the
 * strategy says. When all are full, a pick fails with a {@link io.lbclient.NoServerAvailableException} that is {@link
 * io.lbclient.NoServerAvailableException#full() full}; a {@link PickQueue} waits instead.
 *
 * <p>A fixed limit is for servers whose capacity is known. The adaptive ones find it: each server has a limit of its own,
 * which a newcomer begins afresh. One of these at a time: give it to the pool next to the monitors that judge health.
 *
 * <pre>{@code
 * ServerPool.builder("orders").healthMonitors(HealthMonitor.consecutiveFailures(5), ConcurrencyLimits.aimd().build())
 * }</pre>
 *
 * <p>Settings only, immutable, and safe to share between pools.
 */
public final class ConcurrencyLimits implements HealthMonitor {
    private final Supplier<Limit> limits;

    private ConcurrencyLimits(Supplier<Limit> limits) {
        this.limits = limits;
    }

    /**
     * Returns a limit that is the same for every server and never changes.
     *
     * @param max how many attempts may be in flight to a server, at least 1
     * @return the limits
     * @throws IllegalArgumentException if it is less than 1
     */
    public static ConcurrencyLimits fixed(int max) {
        Checks.between("max", max, 1, Integer.MAX_VALUE);
        return new ConcurrencyLimits(() -> new FixedLimit(max));
    }

    /**
     * Begins limits that grow by one with each answer while they are used, and shrink by a part when a server says that
     * it is overloaded or does not answer in time: additive increase, multiplicative decrease, after Netflix's
     * concurrency-limits.
     *
     * @return a builder with the defaults
     */
    public static Aimd aimd() {
        return new Aimd();
    }

    /**
     * Begins limits that follow the latency: they shrink when answers take longer than they used to, before a server
     * has to say that it is overloaded. Gradient2 of Netflix's concurrency-limits, on the mean latency of at least ten
     * answers and a tenth of a second; and an answer that says overloaded, or none in time, shrinks them by a tenth.
     *
     * @return a builder with the defaults
     */
    public static Gradient gradient() {
        return new Gradient();
    }

    @Override
    public Watch start(MonitoredPool pool) {
        return new LimitWatch(pool);
    }

    private final class LimitWatch implements Watch {
        private final MonitoredPool pool;

        LimitWatch(MonitoredPool pool) {
            this.pool = pool;
        }

        @Override
        public OutcomeObserver joined(Candidate server) {
            Limit limit = limits.get();
            pool.limitInFlight(server, limit.present());
            return limit.isFixed() ? OutcomeObserver.NONE : new ServerLimit(pool, server, limit);
        }

        @Override
        public void close() {
            pool.candidates().forEach(server -> pool.limitInFlight(server, Integer.MAX_VALUE));
        }
    }

    /** Brings a server's limit up to date after each answer. */
    private record ServerLimit(MonitoredPool pool, Candidate server, Limit limit) implements OutcomeObserver {
        @Override
        public void onOutcome(Outcome outcome, long latencyNanos, boolean trial) {
            boolean dropped = outcome == Outcome.OVERLOADED || outcome == Outcome.TIMEOUT;
            // Other failures say nothing about how much is too much, nor does what the caller gave up.
            if (!dropped && outcome != Outcome.SUCCESS) {
                return;
            }
            int before = limit.present();
            // The one that has just ended is no longer counted.
            int after = limit.sample(pool.ticker().read(), latencyNanos, server.inFlight() + 1, dropped);
            if (after != before) {
                int set;
                do {
                    // Another thread may set an older value after a newer one, so the last to set looks once more.
                    set = limit.present();
                    pool.limitInFlight(server, set);
                } while (set != limit.present());
            }
        }
    }

    /** Collects the settings; not safe for use by several threads. Each method returns this builder. */
    public static final class Aimd {
        private final Range range = new Range();
        private double backoffRatio = 0.9;
        private Duration timeout = Duration.ofSeconds(5);

        private Aimd() {}

        /**
         * Sets what a server that joins may have in flight. Default: 20.
         *
         * @param limit at least 1
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Aimd initial(int limit) {
            range.initial(limit);
            return this;
        }

        /**
         * Sets between what a limit moves. Default: 1 to 200.
         *
         * @param min at least 1
         * @param max at least {@code min}
         * @return this builder
         * @throws IllegalArgumentException if they are not
         */
        public Aimd between(int min, int max) {
            range.between(min, max);
            return this;
        }

        /**
         * Sets what is left of a limit that shrinks. Default: 0.9.
         *
         * @param ratio 0.5 to 0.99
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Aimd backoffRatio(double ratio) {
            backoffRatio = Checks.between("backoffRatio", ratio, 0.5, 0.99);
            return this;
        }

        /**
         * Sets from which latency on an answer counts as one that did not come in time. Default: 5 s. It should be well
         * under the time after which callers give up: what they no longer wait for, the servers do for nothing.
         *
         * @param latency greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Aimd timeout(Duration latency) {
            timeout = Checks.positive("timeout", latency);
            return this;
        }

        /**
         * Builds the limits.
         *
         * @return the limits
         */
        public ConcurrencyLimits build() {
            Range bounds = range.copy();
            double ratio = backoffRatio;
            long timeoutNanos = timeout.toNanos();
            return new ConcurrencyLimits(() -> new AimdLimit(bounds, ratio, timeoutNanos));
        }
    }

    /** Collects the settings; not safe for use by several threads. Each method returns this builder. */
    public static final class Gradient {
        private final Range range = new Range();
        private double tolerance = 1.5;
        private double smoothing = 0.2;

        private Gradient() {}

        /**
         * Sets what a server that joins may have in flight. Default: 20.
         *
         * @param limit at least 1
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Gradient initial(int limit) {
            range.initial(limit);
            return this;
        }

        /**
         * Sets between what a limit moves. Default: 1 to 200.
         *
         * @param min at least 1
         * @param max at least {@code min}
         * @return this builder
         * @throws IllegalArgumentException if they are not
         */
        public Gradient between(int min, int max) {
            range.between(min, max);
            return this;
        }

        /**
         * Sets how many times the usual latency answers may take before a limit shrinks. Default: 1.5.
         *
         * @param times 1 to 100
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Gradient tolerance(double times) {
            tolerance = Checks.between("tolerance", times, 1, 100);
            return this;
        }

        /**
         * Sets the part of the way to its new value that a limit goes in one step. Default: 0.2.
         *
         * @param part 0.01 to 1
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Gradient smoothing(double part) {
            smoothing = Checks.between("smoothing", part, 0.01, 1);
            return this;
        }

        /**
         * Builds the limits.
         *
         * @return the limits
         */
        public ConcurrencyLimits build() {
            Range bounds = range.copy();
            double times = tolerance;
            double part = smoothing;
            return new ConcurrencyLimits(() -> new GradientLimit(bounds, times, part));
        }
    }
}
