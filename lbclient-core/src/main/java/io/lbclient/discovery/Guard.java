package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The guard rails of one pool at one source: takes what the source pushes, decides what is believed, and hands that on.
 *
 * <p>What it knows is guarded by one lock, which is held while it decides and never while it calls the source or the
 * pool. A subscription that was ended is recognised by its {@link Ear}, so its last words change nothing.
 */
final class Guard implements ServerDiscovery.Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedDiscovery.class);
    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);
    /** A source that looks again by itself may be about to. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long ASK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** How long a source has before the servers of an earlier run are used. */
    private static final long COLD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ReentrantLock lock = new ReentrantLock();
    private final ServerDiscovery source;
    private final ServerDiscovery.Sink target;
    private final Consumer<Guard> onClose;
    private final Outlet outlet;
    private final Alarm alarm;
    private final Refusals refusals;
    private final Admission admission;
    private final Trust trust;
    private final Damping damping;
    private final ColdStart coldStart;
    private final FailureLog failures;
    private final long silenceLimit;

    /** Written under the lock. */
    private volatile ServerDiscovery.@Nullable Subscription subscription;

    // Guarded by the lock.
    private @Nullable Ear current;
    /** What the decision that is being made ends. */
    private ServerDiscovery.@Nullable Subscription over;

    private List<Server> inForce = List.of();
    private boolean answered;
    private boolean closed;
    private long updates;
    private long spokeAt;
    private long saidAt;
    private long askedAt;
    private int fruitless;

    Guard(ServerDiscovery source, GuardRails rails, ServerDiscovery.Sink target, Consumer<Guard> onClose) {
        this.source = source;
        this.target = target;
        this.onClose = onClose;
        this.outlet = new Outlet(target);
        this.alarm = new Alarm(target, this::wake);
        this.refusals = new Refusals(target.pool());
        this.admission = new Admission(rails.filter, refusals);
        this.trust = new Trust(target.pool(), rails);
        this.damping = new Damping(target.pool(), rails.damping.toNanos());
        this.coldStart = new ColdStart(rails, target, this::coldListRead);
        this.failures = new FailureLog(target.pool());
        this.silenceLimit = rails.silenceLimit.toNanos();
        this.spokeAt = target.ticker().read();
        this.saidAt = spokeAt;
        this.askedAt = spokeAt;
    }

    void start() {
        if (coldStart.read()) {
            alarm.in(COLD_NANOS);
        }
        subscribe();
    }

    private void subscribe() {
        Ear ear = new Ear(this, target);
        boolean wanted = decide(() -> {
            current = ear;
            spokeAt = now();
            askedAt = spokeAt;
            setAlarmForSilence();
            alarm.in(untilAsking(spokeAt));
        });
        if (!wanted) {
            return;
        }
        ServerDiscovery.Subscription made;
        try {
            made = source.subscribe(ear);
        } catch (RuntimeException | Error e) {
            ended(ear, e);
            return;
        }
        boolean open = decide(() -> {
            if (ear == current) {
                subscription = made;
            } else {
                over = made;
            }
        });
        if (!open) {
            end(made);
        }
    }

    /** Decides under the lock, unless closed, and then hands on what came out and ends what is over. False if closed. */
    private boolean decide(Runnable decision) {
        ServerDiscovery.Subscription ended;
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            decision.run();
            ended = over;
            over = null;
        } finally {
            lock.unlock();
        }
        outlet.drain();
        if (ended != null) {
            end(ended);
        }
        return true;
    }

    private void end(ServerDiscovery.Subscription ended) {
        try {
            ended.close();
        } catch (RuntimeException | Error e) {
            LOG.warn("{}: closing the subscription to {} failed", target.pool(), source, e);
        }
    }

    // What the source says

    /** Unless the subscription is over. */
    private void hear(Ear ear, Runnable decision) {
        decide(() -> {
            if (ear == current) {
                decision.run();
            }
        });
    }

    void offered(Ear ear, List<Server> servers, boolean authoritative) {
        hear(ear, () -> {
            long now = now();
            spoke(now);
            updates++;
            List<Server> admitted = admission.admit(servers);
            // Nothing but refused entries is a fault, whatever the source says of it.
            boolean meant = authoritative && (!admitted.isEmpty() || servers.isEmpty());
            if (admitted.isEmpty() && !meant) {
                wantColdList();
            }
            trust.offer(admitted, meant, now);
            answered |= !admitted.isEmpty() || meant;
            noteAge(now);
            publish(now, meant);
        });
    }

    void unchanged(Ear ear) {
        hear(ear, () -> {
            long now = now();
            spoke(now);
            trust.looked(now);
            noteAge(now);
            publish(now, false);
        });
    }

    void failed(Ear ear, Throwable cause) {
        hear(ear, () -> {
            spokeAt = now();
            noteFailure(cause);
        });
    }

    void ended(Ear ear, Throwable cause) {
        hear(ear, () -> {
            noteFailure(cause);
            unsubscribe();
            subscribeLater();
        });
    }

    void refused(Ear ear, String entry, String reason) {
        hear(ear, () -> refusals.add(entry, reason));
    }

    private void spoke(long now) {
        spokeAt = now;
        askedAt = now;
        fruitless = 0;
        failures.over();
    }

    /** The source has just said what is believed. */
    private void noteAge(long now) {
        if (!trust.isDoubting() && !trust.isProvisional()) {
            saidAt = now;
        }
    }

    private void noteFailure(Throwable cause) {
        long now = now();
        failures.add(cause, inForce.size(), now);
        alarm.in(FailureLog.EVERY_NANOS);
        wantColdList();
    }

    private void unsubscribe() {
        over = subscription;
        current = null;
        subscription = null;
    }

    private void subscribeLater() {
        long longest = LONGEST_BACKOFF.toNanos() >> 1;
        long half = Math.min(FIRST_BACKOFF.toNanos() << Math.min(fruitless++, 10), 2 * longest) >> 1;
        Alarm.once(target, this::subscribe, half + target.random().nextLong(half + 1));
    }

    // Decisions, under the lock

    private void coldListRead() {
        decide(this::useColdList);
    }

    /** The source has not answered when it should have. */
    private void wantColdList() {
        if (!answered) {
            coldStart.want();
            useColdList();
        }
    }

    /** The servers of an earlier run, if they have been read and are needed. */
    private void useColdList() {
        List<Server> kept = coldStart.take(answered);
        if (!kept.isEmpty()) {
            List<Server> admitted = admission.admit(kept);
            LOG.warn("{}: starting with {} servers of an earlier run", target.pool(), admitted.size());
            trust.provisional(admitted);
            publish(now(), false);
        }
    }

    private void publish(long now, boolean meant) {
        List<Server> next = damping.apply(inForce, trust.list(), now);
        if (changes(next) || (meant && updates == 1)) {
            inForce = next;
            outlet.put(next, meant);
            if (!trust.isProvisional()) {
                coldStart.keep(next);
            }
        }
        alarm.in(Math.min(damping.untilDue(), untilAsking(now)));
    }

    @SuppressWarnings("ReferenceEquality") // the damping hands back the same list if nothing is to change
    private boolean changes(List<Server> next) {
        return next != inForce;
    }

    /**
     * A doubted list may be confirmed by then, and if the source has not said anything since, it is asked; a source that is
     * not subscribed to cannot be.
     */
    private long untilAsking(long now) {
        long left = current == null ? Long.MAX_VALUE : trust.untilConfirmation(now);
        return left == Long.MAX_VALUE ? left : Math.max(left + GRACE_NANOS, ASK_EVERY_NANOS - (now - askedAt));
    }

    private void wake() {
        boolean[] again = {false};
        decide(() -> {
            long now = now();
            wantColdList();
            if (failures.failing()) {
                failures.remind(inForce.size(), now - saidAt, now);
                // A source that is gone for long may never tell of another failure.
                alarm.in(FailureLog.EVERY_NANOS);
            }
            boolean silent = silenceLimit > 0 && now - spokeAt >= silenceLimit;
            if (current != null && (silent || untilAsking(now) <= 0)) {
                LOG.info("{}: asking {} again{}", target.pool(), source, silent ? ", for it is silent" : "");
                again[0] = true;
                unsubscribe();
            }
            setAlarmForSilence();
            publish(now, false);
        });
        if (again[0]) {
            subscribe();
        }
    }

    /** A source that is not subscribed to has nothing to say. */
    private void setAlarmForSilence() {
        if (silenceLimit > 0 && current != null) {
            alarm.in(silenceLimit - (now() - spokeAt));
        }
    }

    private long now() {
        return target.ticker().read();
    }

    // The pool's side

    @Override
    public void refresh() {
        ServerDiscovery.Subscription asked = subscription;
        if (asked != null) {
            asked.refresh();
        }
    }

    @Override
    public Duration age() {
        lock.lock();
        try {
            return Duration.ofNanos(now() - saidAt);
        } finally {
            lock.unlock();
        }
    }

    DiscoveryStatus status() {
        lock.lock();
        try {
            return new DiscoveryStatus(
                    target.pool(),
                    inForce.size(),
                    age(),
                    updates,
                    failures.count(),
                    failures.failing(),
                    trust.isDoubting(),
                    refusals.count(),
                    trust.isProvisional());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        boolean first = decide(() -> {
            closed = true;
            unsubscribe();
        });
        if (first) {
            alarm.cancel();
            onClose.accept(this);
        }
    }
}
