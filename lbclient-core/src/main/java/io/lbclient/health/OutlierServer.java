package io.lbclient.health;

import io.lbclient.Candidate;
import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.Outcome;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * What outlier detection knows of one server. Requests touch atomic counters only; the ejection itself is guarded by
 * the watch's lock.
 */
final class OutlierServer implements OutcomeObserver {
    private final OutlierWatch watch;
    final Candidate server;
    private final AtomicInteger inARow = new AtomicInteger();
    private final AtomicInteger localInARow = new AtomicInteger();
    private volatile Tally tally = new Tally();

    /** Written with the lock held. While it is out, what requests report is of before the ejection or of a trial. */
    volatile boolean ejected;

    // Guarded by the watch's lock.
    int multiplier;
    long ejectedAt;
    long ejectionNanos;
    long healthySince;
    boolean trialOffered;

    /** Counters of one interval. */
    private static final class Tally {
        final LongAdder good = new LongAdder();
        final LongAdder serverFailures = new LongAdder();
        final LongAdder localFailures = new LongAdder();
    }

    OutlierServer(OutlierWatch watch, Candidate server) {
        this.watch = watch;
        this.server = server;
    }

    @Override
    public void onOutcome(Outcome outcome, long latencyNanos, boolean trial) {
        if (outcome == Outcome.SUCCESS) {
            tally.good.increment();
            endRow(inARow);
            endRow(localInARow);
        } else if (outcome == Outcome.CONNECT_FAILURE || outcome == Outcome.TIMEOUT) {
            tally.localFailures.increment();
            count(localInARow, watch.settings.consecutiveLocalOriginFailures, " consecutive local-origin failures");
        } else if (outcome.failure()) {
            tally.serverFailures.increment();
            endRow(localInARow);
            count(inARow, watch.settings.consecutiveFailures, " consecutive failures");
        } else {
            return;
        }
        if (trial && ejected) {
            watch.onTrial(this, outcome);
        }
    }

    /** Read before write: among healthy servers the counter is shared by all threads and never changes. */
    private static void endRow(AtomicInteger counter) {
        if (counter.get() != 0) {
            counter.set(0);
        }
    }

    /**
     * Reaching the threshold begins a new row. So a row that led to nothing, because the cap was reached or because the
     * server was on its way out or back at that moment, is followed by others that will.
     */
    private void count(AtomicInteger counter, int threshold, String what) {
        if (counter.incrementAndGet() >= threshold) {
            counter.set(0);
            watch.requestEjection(this, threshold + what);
        }
    }

    void forgetRows() {
        inARow.set(0);
        localInARow.set(0);
    }

    /** Ends the interval and returns what it brought. */
    RateDetector.Count takeCounts() {
        Tally finished = tally;
        tally = new Tally();
        return new RateDetector.Count(finished.good.sum(), finished.serverFailures.sum(), finished.localFailures.sum());
    }
}
