package io.lbclient;

import io.lbclient.HealthMonitor.Watch;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inside of a pool: who its servers are, what is raised on them, which views show them, and who is told.
 *
 * <p>One lock, the publishing lock, orders membership changes and rebuilds. No pick and no completion takes it: they
 * read a view's snapshot, or set a flag and leave the rebuild to the scheduler. Strategies, conditions and {@link
 * Watch#joined} run under it; listeners never do.
 */
final class PoolState {
    private static final Logger LOG = LoggerFactory.getLogger(ServerPool.class);

    final Foresight foresight = new Foresight();
    private final ReentrantLock publishing = new ReentrantLock();
    private final AtomicBoolean rebuildDue = new AtomicBoolean();
    private final Arrivals arrivals = new Arrivals();
    private final List<PoolView> views = new CopyOnWriteArrayList<>();
    private final List<Watch> watches = new ArrayList<>();
    private final String name;
    private final News news;
    private final PanicLog panicLog;
    private final Balancer balancer;
    private final Ticker ticker;
    private final InstantSource wallClock;
    private final RandomGenerator random;
    private final PoolScheduler scheduler;
    private final RetryBudget.Account retryBudget;
    private final Room room;
    final long latencyDecayNanos;
    private final Roster roster;
    private final PickShares shares;
    private final Failover failover;
    private final @Nullable ZoneAffinity zoneAffinity;
    final PoolAffinity affinity;
    private volatile boolean closed;

    PoolState(ServerPoolBuilder settings) {
        this.name = settings.name;
        this.news = new News(name);
        this.room = new Room(news);
        this.balancer = settings.balancer;
        this.ticker = settings.ticker;
        this.wallClock = settings.wallClock;
        this.panicLog = new PanicLog(LOG, ticker);
        this.random = settings.random.get();
        this.latencyDecayNanos = settings.latencyDecay.toNanos();
        this.roster = new Roster(this, settings.subset, watches);
        this.shares = new PickShares(ticker.read());
        this.failover = settings.failover;
        this.zoneAffinity = settings.zoneAffinity;
        this.affinity = new PoolAffinity(this, settings.affinity);
        this.retryBudget = settings.retryBudget.open(ticker);
        this.scheduler = new PoolScheduler(name, settings.scheduler);
    }

    void start(List<HealthMonitor> monitors) {
        monitors.forEach(monitor -> watches.add(monitor.start(new MonitorAccess(this))));
        affinity.start(watches);
    }

    /**
     * Gives the pool another list, made from the present one. All of it is in force, or none of it.
     *
     * @return false if the pool is closed, and nothing was done
     */
    boolean change(UnaryOperator<List<Server>> next) {
        boolean open = locked(() -> {
            if (closed) {
                return false;
            }
            roster.change(next);
            rebuildAll();
            return true;
        });
        tell();
        return open;
    }

    // Views and snapshots

    PoolView view(String viewName, Predicate<? super Server> condition, Predicate<? super Server> reachable) {
        PoolView view = new PoolView(this, viewName, condition, reachable);
        locked(() -> {
            if (closed) {
                view.end();
            } else {
                view.rebuild(look());
                views.add(view);
            }
        });
        tell();
        return view;
    }

    void rebuild(PoolView view) {
        locked(() -> {
            if (!closed) {
                view.rebuild(look());
            }
        });
        tell();
    }

    void close(PoolView view) {
        locked(() -> {
            views.remove(view);
            view.end();
        });
    }

    /** What changed may have made room. Never to be called with a lock held. */
    private void tell() {
        news.tell();
        room.made();
    }

    Room room() {
        return room;
    }

    void ended(Outcome outcome) {
        try {
            retryBudget.ended(outcome);
        } catch (RuntimeException | Error e) {
            news.failed("the retry budget", e);
        }
    }

    /** Told by whoever holds the publishing lock when it has let go, and not under it: users' code may run. */
    void madeRoom() {
        if (!publishing.isHeldByCurrentThread()) {
            room.made();
        }
    }

    RetryBudget.Account retryBudget() {
        return retryBudget;
    }

    /** Rebuilds soon, on the scheduler; many changes at once cost one rebuild. */
    private void rebuildSoon() {
        if (closed) {
            return;
        }
        // The user's scheduler may be shut down before the pool, and may have dropped the rebuild that was due: the
        // change must reach the picks all the same.
        if (scheduler.service().isShutdown()) {
            rebuildDue.set(true);
            rebuildNow();
        } else if (rebuildDue.compareAndSet(false, true)) {
            try {
                scheduler.service().execute(this::rebuildNow);
            } catch (RejectedExecutionException e) {
                rebuildNow();
            }
        }
    }

    private void rebuildNow() {
        // Another rebuild may have come first, of a changed list, and have seen all that this one was for.
        locked(() -> {
            if (rebuildDue.get()) {
                rebuildAll();
            }
        });
        tell();
    }

    private void rebuildAll() {
        // Reset first: a change that comes during the rebuild asks for another one.
        rebuildDue.set(false);
        if (!closed) {
            List<ServerState> all = look();
            Snapshot.Spread before = poolSpread();
            views.forEach(view -> view.rebuild(all));
            announce(before, poolSpread());
        }
    }

    /** The pool's own view comes first, and is the one that stands for the pool. */
    private Snapshot.Spread poolSpread() {
        return views.isEmpty() ? Snapshot.Spread.NONE : views.get(0).spread();
    }

    private void announce(Snapshot.Spread before, Snapshot.Spread after) {
        if (!before.panicking().equals(after.panicking())) {
            PoolSnapshot snapshot = snapshot();
            panicLog.log(snapshot, after.panicking());
            news.add(listener -> listener.panicChanged(snapshot, after.panicking()));
        }
        if (!before.percentByTier().isEmpty() && !before.percentByTier().equals(after.percentByTier())) {
            LOG.info("{}: load by tier is {} % (was {})", name, after.percentByTier(), before.percentByTier());
            news.add(listener -> listener.failedOver(name, before.percentByTier(), after.percentByTier()));
        }
    }

    /** What every rebuild starts with: the members, after those that became eligible were made ready for their picks. */
    private List<ServerState> look() {
        List<ServerState> all = roster.members();
        for (ServerState arrived : arrivals.look(all, ticker.read())) {
            watches.forEach(watch -> news.guarded("a health monitor", () -> watch.eligible(arrived)));
        }
        if (arrivals.exhausted()) {
            PoolSnapshot snapshot = snapshot();
            LOG.warn("{}: none of {} servers is eligible", name, all.size());
            news.add(listener -> listener.noneEligible(snapshot));
        }
        return all;
    }

    PoolSnapshot snapshot() {
        long now = ticker.read();
        List<ServerState> all = roster.members();
        Map<ServerState, Double> recent = shares.of(all, now);
        return new PoolSnapshot(
                name,
                all.stream()
                        .map(state -> state.snapshot(now, recent.getOrDefault(state, 0.0)))
                        .toList());
    }

    // Health

    /** What a monitor has to say of a server. Returns whether that changed what it said. */
    boolean judge(Candidate server, UnaryOperator<Health> verdict) {
        ServerState state = (ServerState) server;
        if (!mayJudge(state)) {
            return false;
        }
        // Not by what is untold now: another thread may have told it already, and then it would never reach the picks.
        ServerState.Changed changed = state.judged(verdict);
        if (changed == ServerState.Changed.WITH_NEWS) {
            news.addHealth(state);
            rebuildSoon();
        }
        return changed != ServerState.Changed.NOTHING;
    }

    boolean offerTrial(ServerState state) {
        if (!mayJudge(state) || !state.offerTrial()) {
            return false;
        }
        rebuildSoon();
        return true;
    }

    private boolean mayJudge(ServerState state) {
        return !closed && !state.hasLeft();
    }

    /** In force on return, as a resume is. One caller at a time, or a drain and a resume could leave each other's half. */
    CompletableFuture<Void> drain(ServerState state, String detail, @Nullable Long sessionsUntil) {
        CompletableFuture<Void> drained = locked(() -> {
            if (state.raise(HealthCause.DRAINING, detail, sessionsUntil)) {
                news.addHealth(state);
            }
            rebuildAll();
            return state.whenDrained();
        });
        state.noteIfDrained();
        affinity.watchEnd(state, sessionsUntil);
        tell();
        return drained;
    }

    void resume(ServerState state, String detail) {
        CompletableFuture<Void> pointless = locked(() -> {
            CompletableFuture<Void> waiting = state.noLongerDraining();
            if (state.clear(HealthCause.DRAINING, detail)) {
                news.addHealth(state);
            }
            rebuildAll();
            return waiting;
        });
        pointless.cancel(false);
        tell();
    }

    /** An operator's word; in force on return. */
    void operate(ServerState state, UnaryOperator<Health> word) {
        locked(() -> {
            state.operate(word);
            news.addHealth(state);
            rebuildAll();
        });
        tell();
    }

    /** True if it was open. */
    boolean close() {
        boolean first = locked(() -> {
            if (closed) {
                return false;
            }
            closed = true;
            views.forEach(PoolView::end);
            views.clear();
            affinity.close();
            return true;
        });
        if (!first) {
            return false;
        }
        watches.forEach(watch -> news.guarded("a health monitor", watch::close));
        scheduler.close();
        // What was still to be told would have been told by the scheduler.
        tell();
        return true;
    }

    private void locked(Runnable action) {
        locked(() -> {
            action.run();
            return true;
        });
    }

    private <T> T locked(Supplier<T> action) {
        publishing.lock();
        try {
            return action.get();
        } finally {
            publishing.unlock();
        }
    }

    String name() {
        return name;
    }

    Ticker ticker() {
        return ticker;
    }

    InstantSource wallClock() {
        return wallClock;
    }

    RandomGenerator random() {
        return random;
    }

    ScheduledExecutorService scheduler() {
        return scheduler.service();
    }

    Roster roster() {
        return roster;
    }

    /** The time of the wall clock at a reading of the ticker, as far as can be told now. */
    @Nullable Instant wallTime(@Nullable Long reading) {
        return reading == null
                ? null
                : wallClock.instant().plusNanos(reading - ticker.read()).truncatedTo(ChronoUnit.MILLIS);
    }

    News news() {
        return news;
    }

    Balancer balancer() {
        return balancer;
    }

    Failover failover() {
        return failover;
    }

    @Nullable ZoneAffinity zoneAffinity() {
        return zoneAffinity;
    }
}
