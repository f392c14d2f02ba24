package io.lbclient;

import io.lbclient.HealthMonitor.OutcomeObserver;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The live side of one server of one pool: its numbers, its causes, and who is told how its attempts end. */
final class ServerState extends AnswerLog implements Candidate {
    private static final VarHandle HEALTH;
    private static final VarHandle BOUNDS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            HEALTH = lookup.findVarHandle(ServerState.class, "health", Health.class);
            BOUNDS = lookup.findVarHandle(ServerState.class, "bounds", Bounds.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final PoolState pool;
    private volatile Server server;
    private volatile Health health = Health.NONE;
    // Made of the two above under the publishing lock. Each is one look for a rebuild in place of three.
    private volatile double weight;
    private volatile int tier;
    // Replaced under the publishing lock only, or two that drain a server at once would wait for different futures.
    private volatile @Nullable CompletableFuture<Void> drained;
    private volatile @Nullable LoadReport loadReport;
    private volatile long loadReportNanos;
    private volatile boolean left;
    // One field for all of them, so that a pick of a server without any reads one thing and is done.
    private volatile @Nullable Bounds bounds;
    // Guarded by the publishing lock: one rebuild must not take a server for ejected in one place and not in another.
    private Health seen = Health.NONE;
    private boolean seenEligible;
    private boolean arrived;
    // Written once, before the state is published with the first snapshot that contains it.
    private OutcomeObserver[] observers = {};

    ServerState(PoolState pool, Server server) {
        super(pool.latencyDecayNanos, pool.foresight, pool.ticker().read());
        this.pool = pool;
        this.server = server;
        this.weight = server.weight();
        this.tier = server.tier();
    }

    void observedBy(List<OutcomeObserver> all) {
        observers = all.stream().filter(o -> o != OutcomeObserver.NONE).toArray(OutcomeObserver[]::new);
    }

    /** False if the server has as many attempts in flight as its limit allows, and then nothing changed. */
    boolean enter(long start) {
        Bounds present = bounds;
        if (present == null || present.inFlight() == Bounds.UNLIMITED) {
            begin(start);
            return true;
        }
        return beginWithin(present.inFlight(), start);
    }

    /** The answer's nanoseconds are negative if it did not begin. */
    void end(long start, long answerNanos, Outcome outcome, boolean wasTrial) {
        boolean wasAnswered = answerNanos >= 0;
        if (wasAnswered) {
            endAnswered();
        } else {
            endWaiting(start);
        }
        long now = pool.ticker().read();
        // A clock that went back must not become a negative latency.
        long elapsed = Math.max(0, now - start);
        if (outcome == Outcome.SUCCESS) {
            succeeded(wasAnswered, elapsed, now);
        } else if (outcome.failure()) {
            failed(outcome, elapsed, now);
        } else if (outcome == Outcome.CANCELLED && !wasAnswered) {
            givenUp(elapsed, now);
        }
        for (OutcomeObserver observer : observers) {
            tell(observer, outcome, wasAnswered ? answerNanos : elapsed, wasTrial);
        }
        pool.ended(outcome);
        noteIfDrained();
        if (bounds != null) {
            pool.room().made();
        }
    }

    /** A success whose attempt goes on; its latency was noted when it was answered. */
    void established(long start, boolean wasTrial) {
        long now = pool.ticker().read();
        long elapsed = Math.max(0, now - start);
        succeeded(true, elapsed, now);
        for (OutcomeObserver observer : observers) {
            tell(observer, Outcome.SUCCESS, elapsed, wasTrial);
        }
        pool.ended(Outcome.SUCCESS);
    }

    /** Of an attempt that is still in flight here, or is complete. */
    void report(LoadReport report, boolean complete, long now) {
        // The time first: who reads in between takes the former report for a little fresher than it is.
        loadReportNanos = now;
        loadReport = report;
        // The server has done with the request that the report comes with.
        foretell(report, complete ? inFlight() : Math.max(0, inFlight() - 1), now);
    }

    private void tell(OutcomeObserver observer, Outcome outcome, long elapsed, boolean wasTrial) {
        try {
            observer.onOutcome(outcome, elapsed, wasTrial);
        } catch (RuntimeException | Error e) {
            pool.news().failed("an outcome observer", e);
        }
    }

    /**
     * Called with the publishing lock held, after the server was withdrawn from the picks. Whoever calls this calls
     * {@link #noteIfDrained()} when it no longer holds the lock.
     */
    CompletableFuture<Void> whenDrained() {
        CompletableFuture<Void> waiting = drained;
        // One that is done is of an earlier drain, or was cancelled by whoever had it.
        if (waiting == null || waiting.isDone()) {
            waiting = new CompletableFuture<>();
            drained = waiting;
        }
        return waiting;
    }

    /** Whoever looked while the attempt was counted as waiting and as answered saw one too many: let them look again. */
    void settled() {
        noteIfDrained();
        if (bounds != null) {
            pool.room().made();
        }
    }

    /** Runs what users hung on to the future, so never with a lock held. */
    void noteIfDrained() {
        CompletableFuture<Void> waiting = drained;
        if (waiting != null && inFlight() == 0 && !pool.affinity.mayComeTo(this)) {
            waiting.complete(null);
        }
    }

    /** Called with the publishing lock held. Returns what nobody needs to wait for any more. */
    CompletableFuture<Void> noLongerDraining() {
        CompletableFuture<Void> waiting = drained;
        drained = null;
        return waiting == null ? new CompletableFuture<>() : waiting;
    }

    /** From now on nothing can be raised on it; what is in flight is still counted here. */
    void leave() {
        left = true;
    }

    boolean hasLeft() {
        return left;
    }

    /** Raises for the pool itself, or has what it raised stand until another time. True if it was not raised before. */
    boolean raise(HealthCause cause, String why, @Nullable Long until) {
        Raise raise = new Raise(pool, why, until);
        return change(before -> before.raised(cause, raise)) || !change(before -> before.prolonged(cause, raise));
    }

    /** Clears what the pool itself raised. True if it was raised before. */
    boolean clear(HealthCause cause, String why) {
        return change(before -> before.cleared(cause, pool, why));
    }

    /** Called with the publishing lock held, for an operator's word may change the weight. */
    void operate(UnaryOperator<Health> word) {
        change(word);
        weigh();
    }

    private void weigh() {
        Operator.Setting setting = health.setting();
        Double set = setting == null ? null : setting.weight();
        weight = set == null ? server.weight() : set;
    }

    boolean offerTrial() {
        return change(before -> before.trialOffered() || before.eligible() ? before : before.withTrial(true));
    }

    /** True for exactly one caller for each offer. */
    boolean takeTrial() {
        return change(before -> before.trialOffered() && !before.withdrawn() ? before.withTrial(false) : before);
    }

    /** True if there was something to change, which is if what is made of the present health is another object. */
    boolean change(UnaryOperator<Health> next) {
        return judged(next) != Changed.NOTHING;
    }

    /** What a change of the health came to: nothing, the same state for another reason, or something to be told. */
    enum Changed {
        NOTHING,
        SILENTLY,
        WITH_NEWS
    }

    @SuppressWarnings("ReferenceEquality") // what is linked anew is another object, even if it says the same
    Changed judged(UnaryOperator<Health> next) {
        Health before;
        Health after;
        do {
            before = health;
            after = next.apply(before);
            if (after == before) {
                return Changed.NOTHING;
            }
        } while (!HEALTH.compareAndSet(this, before, after));
        return after.untold() == before.untold() ? Changed.SILENTLY : Changed.WITH_NEWS;
    }

    /** Takes what changed since this was called last, oldest first. */
    List<HealthChange> takeNews() {
        Deque<HealthChange> news = new ArrayDeque<>();
        Health before;
        do {
            before = health;
        } while (before.untold() != null && !HEALTH.compareAndSet(this, before, before.told()));
        for (Health.Change change = before.untold(); change != null; change = change.earlier()) {
            news.addFirst(change.toldOf(server, pool));
        }
        return List.copyOf(news);
    }

    Health health() {
        return health;
    }

    /** Takes the health that the rebuild now beginning goes by. True if the server became eligible since the last one. */
    boolean see() {
        Health now = health;
        boolean before = seenEligible;
        boolean eligible = now.eligible();
        boolean became = eligible && !before;
        // Nearly always all is as it was, and a write would take these fields' neighbours, which every pick of the
        // server writes, out of the caches of those that pick.
        if (now != seen || eligible != before || became != arrived) {
            seen = now;
            seenEligible = eligible;
            arrived = became;
        }
        return became;
    }

    /** What {@link #see} returned last. */
    boolean arrived() {
        return arrived;
    }

    Health seen() {
        return seen;
    }

    boolean seenEligible() {
        return seenEligible;
    }

    void limitShare(MonitoredPool.@Nullable ShareLimit limit) {
        bound(before -> before.withShare(limit));
    }

    /** True if more may be in flight than before. */
    boolean limitInFlight(int limit) {
        Bounds before = bound(present -> present.withInFlight(limit));
        return limit > (before == null ? Bounds.UNLIMITED : before.inFlight());
    }

    /** The server asked to be left alone for a while. A later end wins over an earlier one. */
    void pushBack(long until) {
        bound(before -> before.pushedBack(until));
    }

    /** Returns what was in force before. */
    private @Nullable Bounds bound(UnaryOperator<Bounds> next) {
        Bounds before;
        Bounds after;
        do {
            before = bounds;
            after = next.apply(before == null ? Bounds.NONE : before);
        } while (!BOUNDS.compareAndSet(this, before, after.isNone() ? null : after));
        return before;
    }

    boolean bounded() {
        return bounds != null;
    }

    /** Whether its limit leaves room for one more attempt; another thread may take it in the next moment. */
    boolean hasRoom() {
        Bounds present = bounds;
        return present == null || inFlight() < present.inFlight();
    }

    /**
     * Whether a pick that the strategy made for this server may stand, as far as a bound on its share goes.
     *
     * @param draw a random number from 0 to 1, the same one throughout a pick
     */
    boolean admits(long now, double draw) {
        Bounds present = bounds;
        if (present == null) {
            return true;
        }
        if (present.isPushedBack() && !present.isPushedBack(now)) {
            // Over: from now on the picks of this server need no second look.
            BOUNDS.compareAndSet(this, present, present.welcome().isNone() ? null : present.welcome());
        }
        return !present.isPushedBack(now)
                && (present.share() == null || draw < present.share().at(now));
    }

    /** Called with the publishing lock held. */
    void server(Server changed) {
        server = changed;
        tier = changed.tier();
        weigh();
    }

    int tier() {
        return tier;
    }

    @Override
    public Server server() {
        return server;
    }

    @Override
    public double weight() {
        return weight;
    }

    @Override
    public long outstandingAgeNanos(long now) {
        return meanAgeNanos(now);
    }

    @Override
    public @Nullable LoadReport loadReport() {
        return loadReport;
    }

    @Override
    public long loadReportNanos() {
        return loadReportNanos;
    }

    ServerSnapshot snapshot(long now, double share) {
        Health current = health;
        Bounds bound = bounds;
        return new ServerSnapshot(
                server,
                current.state(),
                current.causes(),
                current.detail(),
                pool.wallTime(current.until()),
                bound != null && bound.isPushedBack(now) ? pool.wallTime(bound.until()) : null,
                current.setting(),
                weight(),
                inFlight(),
                picks(),
                share,
                failures(),
                latencyNanos(now),
                failureRate(now));
    }

    @Override
    public String toString() {
        return server.id();
    }
}
