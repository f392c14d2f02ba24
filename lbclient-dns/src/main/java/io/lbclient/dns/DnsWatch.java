package io.lbclient.dns;

import io.lbclient.ServerDiscovery;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pool's watch over one name: one look at a time, and the next one when the TTL is over or a hint comes. */
final class DnsWatch implements ServerDiscovery.Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(DnsDiscovery.class);
    private static final long LONGEST_RETRY_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** Each question has its timeout; this is for the one that its library forgets. */
    private static final long LONGEST_LOOK_SECONDS = 300;

    private static final int MAX_DOUBLINGS = 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Lookup lookup;
    private final long least;
    private final long most;
    private final ServerDiscovery.Sink sink;

    // Guarded by the lock.
    private @Nullable Future<?> next;
    private long nextAt;
    private long lookedAt;
    private boolean looking;
    private boolean closed;
    private int failures;

    DnsWatch(Lookup lookup, Duration least, Duration most, ServerDiscovery.Sink sink) {
        this.lookup = lookup;
        this.least = least.toNanos();
        this.most = most.toNanos();
        this.sink = sink;
    }

    /** Looks now, unless a look is under way. */
    @SuppressWarnings("FutureReturnValueIgnored") // the last step handles both endings
    void look() {
        lock.lock();
        try {
            if (closed || looking) {
                return;
            }
            looking = true;
            lookedAt = sink.ticker().read();
            next = null;
        } finally {
            lock.unlock();
        }
        ask().orTimeout(LONGEST_LOOK_SECONDS, TimeUnit.SECONDS).whenComplete((found, failure) -> {
            try {
                // Off the resolver's own thread: what follows may end in the listeners of the pool.
                sink.scheduler().execute(() -> looked(found, failure));
            } catch (RejectedExecutionException e) {
                LOG.debug("{}: the scheduler is shut down", sink.pool(), e);
            }
        });
    }

    /** What is thrown rather than told must not end the watch. */
    private CompletableFuture<Found> ask() {
        try {
            return lookup.look();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void looked(@Nullable Found found, @Nullable Throwable failure) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            looking = false;
            failures = found == null ? failures + 1 : 0;
            in(found == null ? retryNanos() : jittered(Math.min(TimeUnit.SECONDS.toNanos(found.ttlSeconds()), most)));
        } finally {
            lock.unlock();
        }
        if (found == null) {
            sink.failed(reason(failure));
            return;
        }
        found.refusals().forEach(refusal -> sink.refused(refusal.entry(), refusal.reason()));
        if (found.noService()) {
            sink.authoritative(found.servers());
        } else {
            sink.update(found.servers());
        }
    }

    private long retryNanos() {
        long doubled = least << Math.min(failures - 1, MAX_DOUBLINGS);
        return jittered(Math.min(doubled, Math.min(most, LONGEST_RETRY_NANOS)));
    }

    private long jittered(long nanos) {
        long base = Math.max(nanos, least);
        return base + sink.random().nextLong(base / 10 + 1);
    }

    private static Throwable reason(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause == null ? new IOException("nothing was found out") : cause;
    }

    /** Under the lock: looks no later than that. */
    private void in(long nanos) {
        long now = sink.ticker().read();
        Future<?> set = next;
        if (set != null && nextAt - now <= nanos) {
            return;
        }
        if (set != null) {
            set.cancel(false);
        }
        nextAt = now + nanos;
        try {
            next = sink.scheduler().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: the scheduler is shut down", sink.pool(), e);
        }
    }

    /** At once, but not sooner after the last look than the least interval. */
    @Override
    public void refresh() {
        lock.lock();
        try {
            if (!closed && !looking) {
                in(Math.max(0, least - (sink.ticker().read() - lookedAt)));
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (next != null) {
                next.cancel(false);
                next = null;
            }
        } finally {
            lock.unlock();
        }
    }
}
