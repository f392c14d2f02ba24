package io.lbclient.examples.extend;

import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.Outcome;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A detector: ejects a server after {@code inARow} answers that were slower than {@code limit}, and tries it with one
 * request every {@code pause} until one of these is fast.
 */
public record SlowAnswers(Duration limit, int inARow, Duration pause) implements HealthMonitor {
    /** What is known of one pool lives in what is returned here; the detector itself is settings only. */
    @Override
    public Watch start(MonitoredPool pool) {
        Set<Candidate> out = ConcurrentHashMap.newKeySet();
        Future<?> trials = pool.scheduler()
                .scheduleWithFixedDelay(
                        () -> tryAgain(pool, out), pause.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
        return new Watch() {
            @Override
            public OutcomeObserver joined(Candidate server) {
                AtomicInteger slow = new AtomicInteger();
                return (outcome, nanos, trial) -> {
                    if (outcome != Outcome.SUCCESS) {
                        return; // another detector's business: a pool may have several
                    }
                    if (nanos <= limit.toNanos()) {
                        slow.set(0);
                        if (trial && out.remove(server)) {
                            pool.clear(server, HealthCause.OUTLIER, "a trial was fast");
                        }
                    } else if (slow.incrementAndGet() >= inARow
                            && pool.raise(server, HealthCause.OUTLIER, inARow + " answers over " + limit, pause)) {
                        out.add(server);
                    }
                };
            }

            @Override
            public void close() {
                trials.cancel(false);
            }
        };
    }

    private static void tryAgain(MonitoredPool pool, Set<Candidate> out) {
        out.removeIf(server -> !pool.raised(server, HealthCause.OUTLIER)); // it left, or another one's word outranked
        out.forEach(pool::offerTrial);
    }
}
