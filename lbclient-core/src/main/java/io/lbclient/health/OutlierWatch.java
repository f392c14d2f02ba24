package io.lbclient.health;

import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.HealthMonitor.Watch;
import io.lbclient.MonitoredPool;
import io.lbclient.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One pool's outlier detection.
 *
 * <p>Requests only count. Every ejection and every return is a task on the pool's scheduler that holds {@link #lock},
 * so no two of them overlap, and how many servers are out is counted anew for each: there is no count that could drift.
 * Joining and leaving happen under the pool's own lock, and never wait for this one.
 */
final class OutlierWatch implements Watch {
    final OutlierDetection settings;
    private final MonitoredPool pool;
    private final Map<Candidate, OutlierServer> servers = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean capInQuestion = new AtomicBoolean();
    private volatile boolean closed;
    private volatile @Nullable ScheduledFuture<?> nextSweep;

    // Guarded by the lock.
    private long sweptAt;
    private long elapsedAtSweep;

    OutlierWatch(OutlierDetection settings, MonitoredPool pool) {
        this.settings = settings;
        this.pool = pool;
        this.sweptAt = pool.ticker().read();
    }

    @Override
    public OutcomeObserver joined(Candidate server) {
        OutlierServer watched = new OutlierServer(this, server);
        servers.put(server, watched);
        return watched;
    }

    @Override
    public void left(Candidate server) {
        servers.remove(server);
        if (settings.returnByTrial && capInQuestion.compareAndSet(false, true)) {
            later(0, this::tryThoseBeyondTheCap);
        }
    }

    @Override
    public void close() {
        closed = true;
        ScheduledFuture<?> planned = nextSweep;
        if (planned != null) {
            planned.cancel(false);
        }
    }

    void planSweep() {
        try {
            nextSweep = pool.scheduler().schedule(this::sweep, settings.intervalNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The user's scheduler was shut down before the pool: there will be no sweep, so nothing may stay out.
            locked(() -> servers.values().forEach(server -> readmit(server, elapsed(), "no sweep can be planned")));
        }
    }

    private void locked(Runnable transition) {
        lock.lock();
        try {
            transition.run();
        } finally {
            lock.unlock();
        }
    }

    /** Called on the path of a request. */
    void requestEjection(OutlierServer server, String why) {
        if (!server.ejected) {
            later(0, () -> {
                if (!isOut(server)) {
                    eject(server, ejectedNow(), why);
                }
            });
        }
    }

    /** Called on the path of a request: the answer to a trial of an ejected server is in. */
    void onTrial(OutlierServer server, Outcome outcome) {
        later(0, () -> {
            // A trial that another monitor asked for, or that was made for want of other servers, comes too early.
            if (!isOut(server) || !server.trialOffered) {
                return;
            }
            if (outcome == Outcome.SUCCESS) {
                readmit(server, elapsed(), "a trial request succeeded");
            } else {
                prolong(server);
            }
        });
    }

    private void later(long delayNanos, Runnable transition) {
        if (closed) {
            return;
        }
        Runnable task = () -> locked(transition);
        try {
            if (delayNanos == 0) {
                pool.scheduler().execute(task);
            } else {
                var unused = pool.scheduler().schedule(task, delayNanos, TimeUnit.NANOSECONDS);
            }
        } catch (RejectedExecutionException e) {
            // Whoever is ejected now would never be brought back, so nothing is done.
        }
    }

    // What follows is called with the lock held.

    private void sweep() {
        try {
            locked(this::sweepOnce);
        } finally {
            if (!closed) {
                planSweep();
            }
        }
    }

    private void sweepOnce() {
        long now = pool.ticker().read();
        long sinceLast = now - sweptAt;
        // The sweep was planned an interval ahead: less has not passed, whatever a clock that was set back says.
        elapsedAtSweep += Math.max(settings.intervalNanos, sinceLast);
        sweptAt = now;
        List<OutlierServer> members = inOrder();
        members.forEach(this::bringBack);
        List<OutlierServer> in = new ArrayList<>();
        List<RateDetector.Count> counts = new ArrayList<>();
        for (OutlierServer server : members) {
            RateDetector.Count count = server.takeCounts();
            if (!server.ejected) {
                in.add(server);
                counts.add(count);
            }
        }
        // A sweep that is late by an interval means that this process was held up: the timeouts of that time are its
        // own fault, and say nothing about the servers.
        if (sinceLast / 2 <= settings.intervalNanos) {
            detect(in, counts);
        }
    }

    /** In the pool's order: that of the map differs from run to run, and of equal outliers the first ones are ejected. */
    private List<OutlierServer> inOrder() {
        List<OutlierServer> members = new ArrayList<>();
        for (Candidate candidate : pool.candidates()) {
            OutlierServer server = servers.get(candidate);
            if (server != null) {
                members.add(server);
            }
        }
        return members;
    }

    private void detect(List<OutlierServer> in, List<RateDetector.Count> counts) {
        int out = ejectedNow();
        for (RateDetector detector : List.of(settings.successRate, settings.failurePercentage)) {
            for (RateDetector.Origin origin : RateDetector.Origin.values()) {
                for (RateDetector.Outlier outlier : detector.find(counts, origin)) {
                    OutlierServer server = in.get(outlier.index());
                    if (!server.ejected && eject(server, out, outlier.why())) {
                        out++;
                    }
                }
            }
        }
    }

    /** Ends the ejection of one server if its time is over, and rewards another for a healthy interval. */
    private void bringBack(OutlierServer server) {
        if (!isOut(server)) {
            long healthy = Math.max(0, elapsedAtSweep - server.healthySince);
            long intervals = healthy / settings.intervalNanos;
            server.multiplier = (int) Math.max(0, server.multiplier - intervals);
            server.healthySince += intervals * settings.intervalNanos;
            return;
        }
        long remaining = server.ejectionNanos - (elapsedAtSweep - server.ejectedAt);
        if (settings.returnByTrial && !server.trialOffered) {
            // Before the time is over, if it ends before the next sweep: that one brings it back, tried or not.
            if (remaining < settings.intervalNanos) {
                offerTrial(server);
            }
        } else if (remaining <= 0) {
            readmit(server, server.ejectedAt + server.ejectionNanos, "its ejection time is over");
        }
    }

    /**
     * When healthy servers leave, more of the rest are out than the cap allows. What was found bad is not picked for that
     * reason alone, but those that have been out longest need not wait for their time to be over to show how they are.
     */
    private void tryThoseBeyondTheCap() {
        capInQuestion.set(false);
        servers.values().stream()
                .filter(this::isOut)
                .sorted(Comparator.comparingLong(server -> server.ejectedAt))
                .limit(Math.max(0, ejectedNow() - mostOut()))
                .filter(server -> !server.trialOffered)
                .forEach(this::offerTrial);
    }

    private void offerTrial(OutlierServer server) {
        server.trialOffered = true;
        pool.offerTrial(server.server);
    }

    /** An ejection that ends before the next sweep would otherwise be tried by that one, and end with the one after. */
    private void planTrialOfShortEjection(OutlierServer server) {
        long ejectedAt = server.ejectedAt;
        if (settings.returnByTrial && server.ejectionNanos < settings.intervalNanos) {
            later(server.ejectionNanos, () -> {
                if (isOut(server) && server.ejectedAt == ejectedAt && !server.trialOffered) {
                    offerTrial(server);
                }
            });
        }
    }

    /** Whether it is ejected; what somebody else has brought back in the meantime is not, and is noted here. */
    private boolean isOut(OutlierServer server) {
        if (server.ejected && !pool.raised(server.server, HealthCause.OUTLIER)) {
            returned(server, elapsed());
        }
        return server.ejected;
    }

    private boolean eject(OutlierServer server, int out, String why) {
        if (!mayEject(out) || !servers.containsKey(server.server)) {
            return false;
        }
        long nanos = nextEjectionNanos(server);
        server.ejectedAt = elapsed();
        server.ejectionNanos = nanos;
        server.trialOffered = false;
        server.ejected = true;
        String detail = why + ", out for " + Duration.ofNanos(nanos);
        if (!pool.raise(server.server, HealthCause.OUTLIER, detail, atLeast(nanos))) {
            // It has just left.
            server.ejected = false;
            return false;
        }
        planTrialOfShortEjection(server);
        return true;
    }

    /** The trial failed: that is one more ejection, of a server that is counted as ejected already. */
    private void prolong(OutlierServer server) {
        server.ejectionNanos = nextEjectionNanos(server);
        server.ejectedAt = elapsed();
        server.trialOffered = false;
        String detail = "a trial request failed, out for another " + Duration.ofNanos(server.ejectionNanos);
        pool.prolong(server.server, HealthCause.OUTLIER, detail, atLeast(server.ejectionNanos));
        planTrialOfShortEjection(server);
    }

    private static Duration atLeast(long nanos) {
        return Duration.ofNanos(Math.max(1, nanos));
    }

    private void readmit(OutlierServer server, long healthySince, String why) {
        if (server.ejected) {
            returned(server, healthySince);
            pool.clear(server.server, HealthCause.OUTLIER, why);
        }
    }

    private static void returned(OutlierServer server, long healthySince) {
        server.forgetRows();
        server.healthySince = healthySince;
        server.trialOffered = false;
        server.ejected = false;
    }

    private int ejectedNow() {
        int out = 0;
        for (OutlierServer server : servers.values()) {
            if (isOut(server)) {
                out++;
            }
        }
        return out;
    }

    /** The cap is taken after the ejection: half of three servers is one, not two. */
    private boolean mayEject(int out) {
        return out < mostOut();
    }

    private int mostOut() {
        int total = servers.size();
        int most = (int) ((long) settings.maxEjectionPercent * total / 100);
        return settings.alwaysEjectOneServer && total > 1 ? Math.max(1, most) : most;
    }

    private long nextEjectionNanos(OutlierServer server) {
        long base = settings.baseEjectionNanos;
        long max = settings.maxEjectionNanos;
        // Counts on no further than is needed, so that a server that was bad for a day needs no day of good intervals.
        if (times(base, server.multiplier) - max < base) {
            server.multiplier++;
        }
        long jitter = settings.ejectionJitterNanos;
        long extra = jitter == 0 ? 0 : (long) (pool.random().nextDouble() * jitter);
        long nanos = Math.min(times(base, server.multiplier), max);
        return nanos > Long.MAX_VALUE - extra ? Long.MAX_VALUE : nanos + extra;
    }

    private static long times(long nanos, int multiplier) {
        return multiplier != 0 && nanos > Long.MAX_VALUE / multiplier ? Long.MAX_VALUE : nanos * multiplier;
    }

    /** Time as the sweeps measure it: it never goes back, and passes at least as fast as the sweeps come. */
    private long elapsed() {
        return elapsedAtSweep + Math.max(0, pool.ticker().read() - sweptAt);
    }
}
