package io.lbclient;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** See {@link HealthMonitor#consecutiveFailures(int)}. */
final class ConsecutiveFailures implements HealthMonitor {
    /** Half of the servers at most go for failing; the count is taken after the ejection. */
    private static final int MAX_EJECTED_PERCENT = 50;

    private static final long FIRST_TRIAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LAST_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final double JITTER = 0.2;

    private final int threshold;

    ConsecutiveFailures(int threshold) {
        this.threshold = Checks.atLeast("failures", threshold, 1);
    }

    @Override
    public Watch start(MonitoredPool pool) {
        return new PoolWatch(pool);
    }

    private final class PoolWatch implements Watch {
        private final MonitoredPool pool;
        private final AtomicInteger ejected = new AtomicInteger();
        private final Map<Candidate, ServerWatch> servers = new ConcurrentHashMap<>();

        PoolWatch(MonitoredPool pool) {
            this.pool = pool;
        }

        @Override
        public OutcomeObserver joined(Candidate server) {
            ServerWatch watch = new ServerWatch(this, server);
            servers.put(server, watch);
            return watch;
        }

        @Override
        public void left(Candidate server) {
            ServerWatch watch = servers.remove(server);
            if (watch != null) {
                watch.end();
            }
        }

        @Override
        public void close() {
            servers.values().forEach(ServerWatch::end);
        }

        /** Takes one of the places that the cap leaves. */
        boolean reserve(boolean certainlyGone) {
            int total = pool.candidates().size();
            int before;
            do {
                before = ejected.get();
                if (!certainlyGone && 100L * (before + 1) > (long) MAX_EJECTED_PERCENT * total) {
                    return false;
                }
            } while (!ejected.compareAndSet(before, before + 1));
            return true;
        }

        void release() {
            ejected.decrementAndGet();
        }
    }

    private final class ServerWatch implements OutcomeObserver {
        private final PoolWatch owner;
        private final Candidate server;
        private final AtomicInteger inARow = new AtomicInteger();
        /** The state of the ejection. Whoever moves it from one value to the next does what the move asks for. */
        private final AtomicInteger phase = new AtomicInteger(IN);

        private static final int IN = 0;
        private static final int OUT = 1;
        private static final int GONE = 2;

        private volatile @Nullable ScheduledFuture<?> nextTrial;

        ServerWatch(PoolWatch owner, Candidate server) {
            this.owner = owner;
            this.server = server;
        }

        @Override
        public void onOutcome(Outcome outcome, long latencyNanos, boolean trial) {
            if (outcome == Outcome.SUCCESS) {
                // Read before write: among healthy servers this line is shared by all threads and never changes.
                if (inARow.get() != 0) {
                    inARow.set(0);
                }
                // Only a trial's success: one that was sent before the failures says nothing about now.
                if (trial) {
                    readmit();
                }
            } else if (outcome == Outcome.CONNECT_FAILURE) {
                eject(true, "connect failure");
            } else if (outcome.failure()) {
                int failures = inARow.incrementAndGet();
                if (failures >= threshold) {
                    eject(false, failures + " consecutive failures");
                }
            }
        }

        private void eject(boolean certainlyGone, String why) {
            if (phase.get() != IN || !owner.reserve(certainlyGone)) {
                return;
            }
            if (!phase.compareAndSet(IN, OUT)) {
                owner.release();
                return;
            }
            owner.pool.raise(server, HealthCause.OUTLIER, why);
            scheduleTrial(FIRST_TRIAL_NANOS);
        }

        private void readmit() {
            if (phase.compareAndSet(OUT, IN)) {
                cancelTrial();
                owner.release();
                owner.pool.clear(server, HealthCause.OUTLIER, "a trial request succeeded");
            }
        }

        void end() {
            if (phase.getAndSet(GONE) == OUT) {
                owner.release();
            }
            cancelTrial();
        }

        /** Offers go on, ever more slowly, until one succeeds: a trial that nobody took or that hangs holds up none. */
        private void scheduleTrial(long backoffNanos) {
            if (phase.get() != OUT) {
                return;
            }
            double jitter = 1.0 + JITTER * (2 * owner.pool.random().nextDouble() - 1);
            try {
                nextTrial = owner.pool
                        .scheduler()
                        .schedule(
                                () -> {
                                    owner.pool.offerTrial(server);
                                    scheduleTrial(Math.min(2 * backoffNanos, LAST_BACKOFF_NANOS));
                                },
                                (long) (backoffNanos * jitter),
                                TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                // The scheduler is shut down: without it nothing would ever bring the server back, so bring it now.
                readmit();
            }
        }

        private void cancelTrial() {
            ScheduledFuture<?> planned = nextTrial;
            if (planned != null) {
                planned.cancel(false);
            }
        }
    }
}
