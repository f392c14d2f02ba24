package io.lbclient;

import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.HealthMonitor.Watch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
final class PoolState implements MonitoredPool {
    private static final Logger LOG = LoggerFactory.getLogger(ServerPool.class);

    private final ReentrantLock publishing = new ReentrantLock();
    private final AtomicBoolean rebuildDue = new AtomicBoolean();
    private final EventQueue events = new EventQueue();
    private final Arrivals arrivals = new Arrivals();
    private final List<PoolListener> listeners = new CopyOnWriteArrayList<>();
    private final List<PoolView> views = new CopyOnWriteArrayList<>();
    private final List<Watch> watches = new ArrayList<>();
    private final String name;
    private final Balancer balancer;
    private final Ticker ticker;
    private final RandomGenerator random;
    private final PoolScheduler scheduler;
    private final long latencyDecayNanos;
    // Replaced as a whole under the publishing lock; insertion order is the order in which the pool was given them.
    private volatile Map<String, ServerState> byId = Map.of();
    private volatile boolean closed;

    PoolState(ServerPool.Builder settings) {
        this.name = settings.name;
        this.balancer = settings.balancer;
        this.ticker = settings.ticker;
        this.random = settings.random;
        this.latencyDecayNanos = settings.latencyDecay.toNanos();
        this.scheduler = new PoolScheduler(name, settings.scheduler);
    }

    void start(List<HealthMonitor> monitors) {
        monitors.forEach(monitor -> watches.add(monitor.start(this)));
    }

    // Membership

    /** Gives the pool another list, made from the present one. All of it is in force, or none of it. */
    void change(UnaryOperator<List<Server>> next) {
        locked(() -> {
            if (closed) {
                throw new IllegalStateException(name + ": the pool is closed");
            }
            List<Server> before =
                    byId.values().stream().map(ServerState::server).toList();
            Map<String, Server> wanted = byUniqueId(next.apply(before));
            replace(wanted);
            rebuildAll();
        });
        events.drain();
    }

    /** The same server twice is one server; the same id with other settings is a contradiction. */
    private static Map<String, Server> byUniqueId(List<Server> servers) {
        Map<String, Server> unique = new LinkedHashMap<>();
        for (Server server : servers) {
            Server twin = unique.putIfAbsent(server.id(), server);
            if (twin != null && !twin.equals(server)) {
                throw Checks.rejected("servers", server + " and " + twin, "one server for each id");
            }
        }
        return unique;
    }

    private void replace(Map<String, Server> wanted) {
        Map<String, ServerState> next = new LinkedHashMap<>();
        for (Server server : wanted.values()) {
            ServerState known = byId.get(server.id());
            next.put(server.id(), known == null ? join(server) : updated(known, server));
        }
        List<ServerState> gone = byId.values().stream()
                .filter(state -> !wanted.containsKey(state.server().id()))
                .toList();
        byId = next;
        gone.forEach(this::leave);
    }

    private ServerState join(Server server) {
        ServerState state = new ServerState(this, server);
        LOG.info("{}: server {} joined", name, server.id());
        // Queued before the monitors see it, so that what they raise at once is told after the joining.
        tell(listener -> listener.serverAdded(name, server));
        state.observedBy(watches.stream().map(watch -> observer(watch, state)).toList());
        return state;
    }

    private OutcomeObserver observer(Watch watch, ServerState state) {
        try {
            return watch.joined(state);
        } catch (RuntimeException e) {
            logFailure("a health monitor, so it does not see how attempts at " + state + " end", e);
            return OutcomeObserver.NONE;
        }
    }

    private ServerState updated(ServerState state, Server after) {
        Server before = state.server();
        if (!before.equals(after)) {
            state.server(after);
            LOG.info("{}: server {} changed from {} to {}", name, after.id(), before, after);
            tell(listener -> listener.serverUpdated(name, before, after));
        }
        return state;
    }

    private void leave(ServerState state) {
        state.leave();
        watches.forEach(watch -> guarded("a health monitor", () -> watch.left(state)));
        Server server = state.server();
        LOG.info("{}: server {} left, {} in flight", name, server.id(), state.inFlight());
        tell(listener -> listener.serverRemoved(name, server));
    }

    @Nullable
    ServerState find(String id) {
        return byId.get(id);
    }

    // Views and snapshots

    PoolView view(String viewName, Predicate<? super Server> condition) {
        PoolView view = new PoolView(this, viewName, condition);
        locked(() -> {
            if (closed) {
                view.end();
            } else {
                view.rebuild(candidates());
                views.add(view);
            }
        });
        return view;
    }

    void rebuild(PoolView view) {
        locked(() -> view.rebuild(candidates()));
    }

    void close(PoolView view) {
        locked(() -> {
            views.remove(view);
            view.end();
        });
    }

    /** Rebuilds soon, on the scheduler; many changes at once cost one rebuild. */
    private void rebuildSoon() {
        if (closed || !rebuildDue.compareAndSet(false, true)) {
            return;
        }
        try {
            scheduler.service().execute(this::rebuildNow);
        } catch (RejectedExecutionException e) {
            // The user's scheduler was shut down before the pool: the change must reach the picks all the same.
            rebuildNow();
        }
    }

    private void rebuildNow() {
        // Reset first: a change that comes during the rebuild asks for another one.
        rebuildDue.set(false);
        locked(this::rebuildAll);
        events.drain();
    }

    private void rebuildAll() {
        if (closed) {
            return;
        }
        List<ServerState> all = candidates();
        becameEligible(arrivals.look(all, ticker.read()));
        views.forEach(view -> view.rebuild(all));
        if (arrivals.exhausted()) {
            PoolSnapshot snapshot = snapshot();
            LOG.warn("{}: none of {} servers is eligible", name, all.size());
            tell(listener -> listener.noneEligible(snapshot));
        }
    }

    PoolSnapshot snapshot() {
        long now = ticker.read();
        return new PoolSnapshot(
                name, byId.values().stream().map(state -> state.snapshot(now)).toList());
    }

    // Health

    @Override
    public boolean raise(Candidate server, HealthCause cause, String detail) {
        ServerState state = (ServerState) server;
        return !state.hasLeft() && changed(state, state.raise(cause, detail), cause, true, detail);
    }

    @Override
    public boolean clear(Candidate server, HealthCause cause, String detail) {
        ServerState state = (ServerState) server;
        return !state.hasLeft() && changed(state, state.clear(cause), cause, false, detail);
    }

    @Override
    public boolean raised(Candidate server, HealthCause cause) {
        return (((ServerState) server).causes() & cause.bit()) != 0;
    }

    @Override
    public void offerTrial(Candidate server) {
        ServerState state = (ServerState) server;
        if (!state.hasLeft() && state.offerTrial()) {
            rebuildSoon();
        }
    }

    @Override
    public void limitShare(Candidate server, @Nullable ShareLimit limit) {
        ((ServerState) server).limitShare(limit);
    }

    private void becameEligible(List<ServerState> servers) {
        servers.forEach(server -> watches.forEach(watch -> guarded("a health monitor", () -> watch.eligible(server))));
    }

    private boolean changed(ServerState state, int before, HealthCause cause, boolean raised, String detail) {
        if (((before & cause.bit()) != 0) == raised) {
            return false;
        }
        HealthState from = HealthCause.stateOf(before);
        HealthState to = HealthCause.stateOf(raised ? before | cause.bit() : before & ~cause.bit());
        HealthChange change = new HealthChange(name, state.server(), from, to, cause, raised, detail);
        events.add(() -> announce(change));
        rebuildSoon();
        return true;
    }

    private void announce(HealthChange change) {
        LOG.info(
                "{}: server {} is {} (was {}): {} {}: {}",
                name,
                change.server().id(),
                change.to(),
                change.from(),
                change.cause(),
                change.raised() ? "raised" : "cleared",
                change.detail());
        notifyAll(listener -> listener.healthChanged(change));
    }

    /** Changes a cause on behalf of a caller who expects it to be in force on return. */
    void judgeNow(ServerState state, HealthCause cause, boolean raise, String detail) {
        boolean changed = raise ? raise(state, cause, detail) : clear(state, cause, detail);
        if (changed) {
            rebuildNow();
        }
    }

    // Listeners

    void addListener(PoolListener listener) {
        listeners.add(listener);
    }

    void removeListener(PoolListener listener) {
        listeners.remove(listener);
    }

    private void tell(Consumer<PoolListener> news) {
        events.add(() -> notifyAll(news));
    }

    private void notifyAll(Consumer<PoolListener> news) {
        for (PoolListener listener : listeners) {
            guarded("a listener", () -> news.accept(listener));
        }
    }

    void guarded(String whose, Runnable userCode) {
        try {
            userCode.run();
        } catch (RuntimeException | Error e) {
            // Errors too: one bad listener must not end the news for the others.
            logFailure(whose, e);
        }
    }

    void logFailure(String whose, Throwable failure) {
        LOG.warn("{}: {} failed", name, whose, failure);
    }

    void close() {
        locked(() -> {
            if (closed) {
                return;
            }
            closed = true;
            views.forEach(PoolView::end);
            views.clear();
        });
        watches.forEach(watch -> guarded("a health monitor", watch::close));
        scheduler.close();
    }

    boolean closed() {
        return closed;
    }

    private void locked(Runnable action) {
        publishing.lock();
        try {
            action.run();
        } finally {
            publishing.unlock();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Ticker ticker() {
        return ticker;
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public ScheduledExecutorService scheduler() {
        return scheduler.service();
    }

    @Override
    public List<ServerState> candidates() {
        return List.copyOf(byId.values());
    }

    Balancer balancer() {
        return balancer;
    }

    long latencyDecayNanos() {
        return latencyDecayNanos;
    }
}
