package io.lbclient.discovery;

import io.lbclient.ServerDiscovery;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One task on the pool's scheduler, at the earliest of the times that it was asked for. Safe for use by many threads. */
final class Alarm {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedDiscovery.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final ServerDiscovery.Sink pool;
    private final Runnable task;
    private @Nullable Future<?> set;
    private long time;
    private boolean cancelled;

    Alarm(ServerDiscovery.Sink pool, Runnable task) {
        this.pool = pool;
        this.task = task;
    }

    /** Rings no later than that. {@code Long.MAX_VALUE} asks for nothing. */
    void in(long nanos) {
        if (nanos == Long.MAX_VALUE) {
            return;
        }
        lock.lock();
        try {
            long wanted = pool.ticker().read() + Math.max(0, nanos);
            if (cancelled || (set != null && time - wanted <= 0)) {
                return;
            }
            if (set != null) {
                set.cancel(false);
            }
            time = wanted;
            set = schedule(pool, this::ring, Math.max(0, nanos));
        } finally {
            lock.unlock();
        }
    }

    private void ring() {
        lock.lock();
        try {
            set = null;
            if (cancelled) {
                return;
            }
        } finally {
            lock.unlock();
        }
        task.run();
    }

    void cancel() {
        lock.lock();
        try {
            cancelled = true;
            if (set != null) {
                set.cancel(false);
                set = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Runs a task once, unless the scheduler takes no more of them. */
    static void once(ServerDiscovery.Sink pool, Runnable task, long nanos) {
        var unused = schedule(pool, task, nanos);
    }

    /** Null if the scheduler takes no more tasks: then the pool is about to end, or its user ended its background work. */
    private static @Nullable Future<?> schedule(ServerDiscovery.Sink pool, Runnable task, long nanos) {
        try {
            return pool.scheduler().schedule(() -> guarded(pool, task), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: the scheduler is shut down", pool.pool(), e);
            return null;
        }
    }

    /** What a task throws would be kept in a future that nobody looks at. */
    private static void guarded(ServerDiscovery.Sink pool, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("{}: a task of the discovery failed", pool.pool(), e);
        }
    }
}
