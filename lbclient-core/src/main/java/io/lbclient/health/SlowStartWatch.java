package io.lbclient.health;

import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.HealthMonitor.Watch;
import io.lbclient.MonitoredPool;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One pool's slow starts. While there are any, a sweep measures how many picks the servers of each tier get, and sets
 * the pace of those that are in their slow start.
 */
final class SlowStartWatch implements Watch {
    private static final HealthCause[] CAUSES = HealthCause.values();
    private static final int SWEEPS_IN_WINDOW = 100;
    private static final long SHORTEST_SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Servers that are this nearly as far as the furthest are not bounded: they came with it. */
    private static final double EQUALLY_FAR = 0.95;

    private final SlowStart settings;
    private final MonitoredPool pool;
    private final long sweepNanos;
    private final Map<Candidate, Ramp> ramps = new ConcurrentHashMap<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private volatile @Nullable ScheduledFuture<?> nextSweep;
    private volatile boolean closed;

    // Written by one sweep at a time, each of which is planned by the one before it.
    private volatile Map<Candidate, Long> picksBefore = Map.of();
    private volatile Set<Candidate> everPicked = Set.of();
    private volatile long sweptAt;

    /** What the servers of one tier got since the last sweep that are the furthest in their slow start, or past it. */
    private static final class Tier {
        double furthest;
        double picks;
        double weights;
    }

    SlowStartWatch(SlowStart settings, MonitoredPool pool) {
        this.settings = settings;
        this.pool = pool;
        this.sweepNanos = Math.max(SHORTEST_SWEEP_NANOS, settings.windowNanos() / SWEEPS_IN_WINDOW);
    }

    @Override
    public OutcomeObserver joined(Candidate server) {
        return OutcomeObserver.NONE;
    }

    @Override
    public void eligible(Candidate server) {
        Ramp ramp = new Ramp(server, pool.ticker().read(), sweepNanos);
        ramps.put(server, ramp);
        pool.limitShare(server, ramp);
        if (sweeping.compareAndSet(false, true)) {
            later(0, this::firstSweep);
        }
    }

    @Override
    public void left(Candidate server) {
        ramps.remove(server);
    }

    @Override
    public void close() {
        closed = true;
        ScheduledFuture<?> planned = nextSweep;
        if (planned != null) {
            planned.cancel(false);
        }
    }

    private void firstSweep() {
        picksBefore = Map.of();
        everPicked = Set.of();
        sweptAt = pool.ticker().read();
        sweep();
    }

    private void sweep() {
        long now = pool.ticker().read();
        ramps.values().forEach(ramp -> advance(ramp, now));
        List<? extends Candidate> eligible =
                pool.candidates().stream().filter(this::eligibleNow).toList();
        Map<Integer, Tier> tiers = measure(eligible);
        long since = now - sweptAt;
        for (Ramp ramp : ramps.values()) {
            Tier tier = tiers.get(ramp.server.server().tier());
            if (tier != null) {
                setPace(ramp, tier, since, now);
            }
        }
        picksBefore = eligible.stream().collect(Collectors.toMap(c -> c, Candidate::picks));
        sweptAt = now;
        if (!ramps.isEmpty()) {
            later(sweepNanos, this::sweep);
            return;
        }
        sweeping.set(false);
        // One may have begun right before the line above.
        if (!ramps.isEmpty() && sweeping.compareAndSet(false, true)) {
            later(0, this::firstSweep);
        }
    }

    private void advance(Ramp ramp, long now) {
        ramp.advance(now, sweepNanos);
        if (ramp.elapsedNanos() < settings.windowNanos()) {
            pool.raise(
                    ramp.server,
                    HealthCause.WARMING,
                    "its share grows to the full one in " + window(),
                    Duration.ofNanos(settings.windowNanos() - ramp.elapsedNanos()));
        } else if (ramps.remove(ramp.server, ramp)) {
            pool.limitShare(ramp.server, null);
            pool.clear(ramp.server, HealthCause.WARMING, "its slow start of " + window() + " is over");
        }
    }

    private Duration window() {
        return Duration.ofNanos(settings.windowNanos());
    }

    private Map<Integer, Tier> measure(List<? extends Candidate> eligible) {
        Map<Integer, Tier> tiers = new HashMap<>();
        for (Candidate server : eligible) {
            Tier tier = tiers.computeIfAbsent(server.server().tier(), t -> new Tier());
            tier.furthest = Math.max(tier.furthest, factor(server));
        }
        Set<Candidate> picked = new HashSet<>(everPicked);
        for (Candidate server : eligible) {
            long picks = server.picks() - picksBefore.getOrDefault(server, server.picks());
            Tier tier = Objects.requireNonNull(tiers.get(server.server().tier()));
            if (picks > 0) {
                picked.add(server);
            }
            // One that is never picked, because it is in another zone or subset, is no measure for the others.
            if (factor(server) >= EQUALLY_FAR * tier.furthest && picked.contains(server)) {
                tier.picks += picks;
                tier.weights += server.weight();
            }
        }
        everPicked = picked;
        return tiers;
    }

    private double factor(Candidate server) {
        Ramp ramp = ramps.get(server);
        return ramp == null ? 1 : settings.factor(ramp.elapsedNanos());
    }

    private void setPace(Ramp ramp, Tier tier, long since, long now) {
        double factor = settings.factor(ramp.elapsedNanos()) / tier.furthest;
        if (factor >= EQUALLY_FAR) {
            ramp.unbounded(now);
        } else if (since > 0) {
            double fairPicks = tier.weights == 0 ? 0 : ramp.server.weight() * tier.picks / tier.weights;
            ramp.pace(factor * fairPicks / since, now);
        }
    }

    private boolean eligibleNow(Candidate server) {
        for (HealthCause cause : CAUSES) {
            if (cause != HealthCause.WARMING && pool.raised(server, cause)) {
                return false;
            }
        }
        return true;
    }

    private void later(long delayNanos, Runnable task) {
        if (closed) {
            return;
        }
        try {
            nextSweep = pool.scheduler().schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Nothing could end a slow start, so there is none.
            ramps.keySet().forEach(server -> {
                pool.limitShare(server, null);
                pool.clear(server, HealthCause.WARMING, "no slow start without a scheduler");
            });
            ramps.clear();
            sweeping.set(false);
        }
    }
}
