package io.lbclient;

import io.lbclient.internal.Checks;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** See {@link HealthMonitor#consecutiveFailures(int)}. */
final class ConsecutiveFailures implements HealthMonitor {
    /** Half of the servers at most go for failing; the count is taken after the ejection. */
    private static final int MAX_EJECTED_PERCENT = 50;

    private static final long FIRST_TRIAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LAST_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final double JITTER = 0.2;

    /** When the scheduler is shut down, nothing would ever bring a server back, so it is brought back at once. */
    private static final String NO_TRIAL = "the scheduler is shut down, so no trial can be planned";

    private enum Phase {
        IN,
        LEAVING,
        OUT,
        RETURNING,
        GONE
    }

    private final int threshold;

    ConsecutiveFailures(int threshold) {
        this.threshold = Checks.atLeast("failures", threshold, 1);
    }

    @Override
    public PoolWatch start(MonitoredPool pool) {
        return new PoolWatch(pool);
    }

    final class PoolWatch implements Watch {
        private final MonitoredPool pool;
        private final AtomicInteger ejected = new AtomicInteger();
        private final Map<Candidate, ServerWatch> servers = new ConcurrentHashMap<>();

        private PoolWatch(MonitoredPool pool) {
            this.pool = pool;
        }

        @Override
        public ServerWatch joined(Candidate server) {
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

        int ejected() {
            return ejected.get();
        }

        void release() {
            ejected.decrementAndGet();
        }
    }

    final class ServerWatch implements OutcomeObserver {
        private final PoolWatch owner;
        private final Candidate server;
        private final AtomicInteger inARow = new AtomicInteger();
        /**
         * How far the ejection is. Whoever moves it does what the move asks for; while that is being done, in LEAVING and
         * RETURNING, nobody else moves it but {@link #end}. Without these two, the clearing of a server that is just being
         * ejected could come before the raising, and nothing would ever clear it again.
         */
        private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.IN);

        private volatile @Nullable ScheduledFuture<?> nextTrial;
        private volatile String ejectedFor = "";

        private ServerWatch(PoolWatch owner, Candidate server) {
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
                    readmit("a trial request succeeded");
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
            if (phase.get() != Phase.IN || !owner.reserve(certainlyGone)) {
                return;
            }
            if (!phase.compareAndSet(Phase.IN, Phase.LEAVING)) {
                owner.release();
                return;
            }
            ejectedFor = why;
            long firstTrial = jittered(FIRST_TRIAL_NANOS);
            owner.pool.raise(server, HealthCause.OUTLIER, why, Duration.ofNanos(firstTrial));
            boolean planned = planTrial(firstTrial, FIRST_TRIAL_NANOS);
            if (!phase.compareAndSet(Phase.LEAVING, Phase.OUT)) {
                cancelTrial();
            } else if (!planned) {
                readmit(NO_TRIAL);
            }
        }

        private void readmit(String why) {
            if (!phase.compareAndSet(Phase.OUT, Phase.RETURNING)) {
                return;
            }
            cancelTrial();
            owner.pool.clear(server, HealthCause.OUTLIER, why);
            if (phase.compareAndSet(Phase.RETURNING, Phase.IN)) {
                owner.release();
            }
        }

        /** The place is given back by whoever moves it on: here, unless it was free. */
        void end() {
            Phase before = phase.getAndSet(Phase.GONE);
            if (before != Phase.IN && before != Phase.GONE) {
                owner.release();
            }
            cancelTrial();
        }

        /** Offers go on, ever more slowly, until one succeeds: a trial that nobody took or that hangs holds up none. */
        private boolean planTrial(long delayNanos, long backoffNanos) {
            long nextBackoff = Math.min(2 * backoffNanos, LAST_BACKOFF_NANOS);
            try {
                nextTrial = owner.pool.scheduler().schedule(() -> trial(nextBackoff), delayNanos, TimeUnit.NANOSECONDS);
                return true;
            } catch (RejectedExecutionException e) {
                return false;
            }
        }

        private long jittered(long backoffNanos) {
            return (long)
                    (backoffNanos * (1.0 + JITTER * (2 * owner.pool.random().nextDouble() - 1)));
        }

        private void trial(long nextBackoffNanos) {
            Phase now = phase.get();
            if (now != Phase.OUT && now != Phase.LEAVING) {
                return;
            }
            if (now == Phase.OUT && !owner.pool.raised(server, HealthCause.OUTLIER)) {
                // A monitor that outranks this one has brought it back: it must be free to be ejected again.
                readmit("it was brought back by another");
                return;
            }
            long next = jittered(nextBackoffNanos);
            if (planTrial(next, nextBackoffNanos)) {
                owner.pool.offerTrial(server);
                owner.pool.prolong(server, HealthCause.OUTLIER, ejectedFor, Duration.ofNanos(next));
            } else {
                readmit(NO_TRIAL);
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
