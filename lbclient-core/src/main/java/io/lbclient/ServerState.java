package io.lbclient;

import io.lbclient.HealthMonitor.OutcomeObserver;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The live side of one server of one pool: its numbers, its causes, and who is told how its attempts end. */
final class ServerState implements Candidate {
    /** How much one answer moves the failure rate: after three failures in a row it stands at a half. */
    private static final double FAILURE_SHARE = 0.2;

    private static final int NO_TRIAL = 0;
    private static final int TRIAL_OFFERED = 1;

    private final Ledger ledger = new Ledger();
    private final MovingAverage latency;
    private final MovingAverage failureRate;
    private final LongAdder failures = new LongAdder();
    private final AtomicInteger causes = new AtomicInteger();
    private final AtomicInteger trial = new AtomicInteger();
    private final PoolState pool;
    private volatile Server server;
    private volatile String detail = "";
    private volatile @Nullable CompletableFuture<Void> drained;
    private volatile @Nullable LoadReport loadReport;
    private volatile long loadReportNanos;
    // Written once, before the state is published with the first snapshot that contains it.
    private OutcomeObserver[] observers = {};

    ServerState(PoolState pool, Server server) {
        this.pool = pool;
        this.server = server;
        this.latency = new MovingAverage(pool.latencyDecayNanos());
        this.failureRate = new MovingAverage(pool.latencyDecayNanos());
    }

    void observedBy(List<OutcomeObserver> all) {
        observers = all.stream().filter(o -> o != OutcomeObserver.NONE).toArray(OutcomeObserver[]::new);
    }

    void begin(long start) {
        ledger.begin(start);
    }

    void answered(long start, long now) {
        ledger.answer(start);
        latency.addPeak(Math.max(0, now - start), now);
    }

    void end(long start, boolean wasAnswered, Outcome outcome, boolean wasTrial) {
        if (wasAnswered) {
            ledger.endAnswered();
        } else {
            ledger.endWaiting(start);
        }
        long now = pool.ticker().read();
        // A clock that went back must not become a negative latency.
        long elapsed = Math.max(0, now - start);
        if (outcome == Outcome.SUCCESS) {
            if (!wasAnswered) {
                latency.addPeak(elapsed, now);
            }
            if (!failureRate.isZero()) {
                failureRate.addShare(0.0, FAILURE_SHARE, now);
            }
        } else if (outcome.failure()) {
            failures.increment();
            failureRate.addShare(1.0, FAILURE_SHARE, now);
            if (outcome == Outcome.TIMEOUT) {
                // It would have taken at least this long. Fast failures are left out, or failing would look fast.
                latency.raiseTo(elapsed, now);
            }
        }
        for (OutcomeObserver observer : observers) {
            tell(observer, outcome, elapsed, wasTrial);
        }
        CompletableFuture<Void> waiting = drained;
        if (waiting != null && inFlight() == 0) {
            waiting.complete(null);
        }
    }

    void report(LoadReport report, long now) {
        // The time first: who reads in between takes the former report for a little fresher than it is.
        loadReportNanos = now;
        loadReport = report;
    }

    private void tell(OutcomeObserver observer, Outcome outcome, long elapsed, boolean wasTrial) {
        try {
            observer.onOutcome(outcome, elapsed, wasTrial);
        } catch (RuntimeException e) {
            pool.logFailure("an outcome observer", e);
        }
    }

    /** Completes when nothing is in flight any more. The server must not be picked from now on. */
    CompletableFuture<Void> whenDrained() {
        CompletableFuture<Void> waiting = drained;
        if (waiting == null) {
            waiting = new CompletableFuture<>();
            drained = waiting;
        }
        if (inFlight() == 0) {
            waiting.complete(null);
        }
        return waiting;
    }

    void noLongerDraining() {
        CompletableFuture<Void> waiting = drained;
        drained = null;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    /** Returns the causes before the change. */
    int raise(HealthCause cause, String why) {
        int before = causes.getAndUpdate(set -> set | cause.bit());
        if ((before & cause.bit()) == 0) {
            detail = why;
        }
        return before;
    }

    /** Returns the causes before the change. */
    int clear(HealthCause cause) {
        int before = causes.getAndUpdate(set -> set & ~cause.bit());
        if (before == cause.bit()) {
            detail = "";
        }
        if (eligible()) {
            // An offer that nobody took must not send the first request after the next ejection to a fresh wound.
            trial.set(NO_TRIAL);
        }
        return before;
    }

    int causes() {
        return causes.get();
    }

    boolean eligible() {
        return HealthCause.stateOf(causes.get()).eligible();
    }

    boolean withdrawn() {
        return HealthCause.withdrawn(causes.get());
    }

    boolean offerTrial() {
        return trial.compareAndSet(NO_TRIAL, TRIAL_OFFERED);
    }

    boolean trialOffered() {
        return trial.get() == TRIAL_OFFERED;
    }

    /** True for exactly one caller for each offer. */
    boolean takeTrial() {
        return trial.compareAndSet(TRIAL_OFFERED, NO_TRIAL);
    }

    void seedLatency(long nanos, long now) {
        latency.raiseTo(nanos, now);
    }

    void server(Server changed) {
        server = changed;
    }

    @Override
    public Server server() {
        return server;
    }

    @Override
    public double weight() {
        return server.weight();
    }

    @Override
    public int inFlight() {
        return ledger.inFlight();
    }

    @Override
    public long latencyNanos(long now) {
        return (long) latency.at(now);
    }

    @Override
    public long outstandingAgeNanos(long now) {
        return ledger.meanAgeNanos(now);
    }

    @Override
    public double failureRate(long now) {
        return failureRate.isZero() ? 0.0 : failureRate.at(now);
    }

    @Override
    public long picks() {
        return ledger.picks();
    }

    @Override
    public @Nullable LoadReport loadReport() {
        return loadReport;
    }

    @Override
    public long loadReportNanos() {
        return loadReportNanos;
    }

    ServerSnapshot snapshot(long now) {
        int set = causes.get();
        EnumSet<HealthCause> raised = EnumSet.noneOf(HealthCause.class);
        Arrays.stream(HealthCause.values())
                .filter(cause -> (set & cause.bit()) != 0)
                .forEach(raised::add);
        return new ServerSnapshot(
                server,
                HealthCause.stateOf(set),
                raised,
                detail,
                weight(),
                inFlight(),
                picks(),
                failures.sum(),
                latencyNanos(now),
                failureRate(now));
    }

    @Override
    public String toString() {
        return server.id();
    }
}
