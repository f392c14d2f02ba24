package io.lbclient.health;

import dev.failsafe.CircuitBreaker;
import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.MonitoredPool;
import io.lbclient.Outcome;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One server's breaker. A closed breaker is told of outcomes on the path of the request; everything else happens on the
 * pool's scheduler with the lock held.
 */
final class ServerBreaker implements OutcomeObserver {
    /** With a delay of zero, a server that fails for ever would be tried without a pause. */
    private static final long MIN_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final MonitoredPool pool;
    private final Candidate server;
    private final CircuitBreaker<?> breaker;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable ScheduledFuture<?> planned;
    private volatile boolean ended;

    /** Whether the server is out, as this monitor sees it. Written with the lock held. */
    private volatile boolean out;

    // Guarded by the lock: the permits of the half-open breaker that no trial has used yet.
    private int permits;

    ServerBreaker(MonitoredPool pool, Candidate server, CircuitBreaker<?> breaker) {
        this.pool = pool;
        this.server = server;
        this.breaker = breaker;
    }

    @Override
    public void onOutcome(Outcome outcome, long latencyNanos, boolean trial) {
        boolean good = outcome == Outcome.SUCCESS;
        boolean verdict = good || outcome.failure();
        if (out) {
            // What was sent before the breaker opened says nothing about now.
            if (trial) {
                later(() -> trialEnded(verdict, good));
            }
        } else if (verdict) {
            record(good);
            if (!breaker.isClosed()) {
                later(this::opened);
            }
        }
    }

    private void record(boolean good) {
        if (good) {
            breaker.recordSuccess();
        } else {
            breaker.recordFailure();
        }
    }

    private void later(Runnable transition) {
        try {
            pool.scheduler().execute(() -> locked(transition));
        } catch (RejectedExecutionException e) {
            // Nothing would end what began now, so it does not begin; and the breaker is made to go on counting.
            breaker.close();
        }
    }

    private void locked(Runnable transition) {
        lock.lock();
        try {
            if (!ended) {
                transition.run();
            }
        } finally {
            lock.unlock();
        }
    }

    // What follows is called with the lock held.

    private void opened() {
        if (out || !breaker.isOpen()) {
            return;
        }
        out = true;
        pool.raise(
                server,
                HealthCause.BREAKER,
                "its circuit breaker opened: " + figures(),
                Duration.ofNanos(delayNanos()));
        planHalfOpen();
    }

    private String figures() {
        return breaker.getFailureCount() + " of " + breaker.getExecutionCount() + " failed";
    }

    private void planHalfOpen() {
        plan(this::halfOpen);
    }

    private void plan(Runnable transition) {
        cancelPlan();
        try {
            planned = pool.scheduler().schedule(() -> locked(transition), delayNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            closed("no trial can be planned");
        }
    }

    private long delayNanos() {
        Duration delay = breaker.isOpen()
                ? breaker.getRemainingDelay()
                : breaker.getConfig().getDelay();
        return Math.max(MIN_DELAY_NANOS, TimeUnit.NANOSECONDS.convert(delay));
    }

    private void halfOpen() {
        breaker.halfOpen();
        takePermits();
        offer();
        plan(this::noAnswer);
    }

    /** Nobody else asks this breaker for permits, so that what it has now is what it permits. */
    private void takePermits() {
        permits = 0;
        while (breaker.tryAcquirePermit()) {
            permits++;
        }
    }

    /** The next trial. False if the last one still waits for somebody to make a request. */
    private boolean offer() {
        if (!pool.offerTrial(server)) {
            return false;
        }
        permits--;
        return true;
    }

    private void trialEnded(boolean verdict, boolean good) {
        if (!out || !breaker.isHalfOpen()) {
            return;
        }
        if (!verdict) {
            // It used no permit.
            permits++;
            offer();
            return;
        }
        record(good);
        if (breaker.isClosed()) {
            closed("its trial requests succeeded: its circuit breaker closed");
        } else if (breaker.isOpen()) {
            pool.prolong(
                    server,
                    HealthCause.BREAKER,
                    "its circuit breaker opened again: " + figures(),
                    Duration.ofNanos(delayNanos()));
            planHalfOpen();
        } else {
            if (permits > 0) {
                offer();
            }
            plan(this::noAnswer);
        }
    }

    /**
     * No trial has ended for a whole delay. Either nobody made a request: then the offer stands. Or the server does not
     * answer: then the next permit is used, and if there is none the breaker opens, and is half-open at once, because
     * the delay has passed.
     */
    private void noAnswer() {
        if (offer() && permits < 0) {
            breaker.open();
            breaker.halfOpen();
            takePermits();
            permits--;
        }
        plan(this::noAnswer);
    }

    private void closed(String why) {
        cancelPlan();
        breaker.close();
        out = false;
        pool.clear(server, HealthCause.BREAKER, why);
    }

    private void cancelPlan() {
        ScheduledFuture<?> plan = planned;
        planned = null;
        if (plan != null) {
            plan.cancel(false);
        }
    }

    /** Called without the lock: the pool's own lock is held, and must not wait for this one. */
    void end() {
        ended = true;
        cancelPlan();
    }
}
