package io.lbclient.net;

import io.lbclient.Server;
import io.lbclient.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The flows that are open, by key: so many at most, and none that is idle for long. Flows are closed outside the lock. */
final class FlowTable {
    private final Ticker ticker;
    private final ScheduledExecutorService timer;
    private final long idleNanos;
    private final int maxFlows;
    private final ReentrantLock lock = new ReentrantLock();
    // Both guarded by the lock. In the order of use, the least recent first.
    private final Map<Object, DatagramFlow> flows = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable ScheduledFuture<?> sweep;

    FlowTable(Ticker ticker, ScheduledExecutorService timer, Duration idleTimeout, int maxFlows) {
        this.ticker = ticker;
        this.timer = timer;
        idleNanos = idleTimeout.toNanos();
        this.maxFlows = maxFlows;
    }

    @Nullable DatagramFlow present(Object key) {
        lock.lock();
        try {
            DatagramFlow present = flows.get(key);
            return present == null || present.isClosed() ? null : present;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return flows.size();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the flow that the key has now: this one, unless another thread was faster. */
    DatagramFlow add(Object key, DatagramFlow fresh) {
        List<DatagramFlow> forgotten = new ArrayList<>();
        lock.lock();
        try {
            DatagramFlow other = flows.get(key);
            if (other != null && !other.isClosed()) {
                return other;
            }
            flows.put(key, fresh);
            forgetSome(forgotten);
            sweepLater();
        } finally {
            lock.unlock();
        }
        forgotten.forEach(DatagramFlow::close);
        return fresh;
    }

    private void forgetSome(List<DatagramFlow> forgotten) {
        Iterator<DatagramFlow> leastRecent = flows.values().iterator();
        while (flows.size() > maxFlows) {
            forgotten.add(leastRecent.next());
            leastRecent.remove();
        }
    }

    void forget(Object key, DatagramFlow ended) {
        lock.lock();
        try {
            flows.remove(key, ended);
        } finally {
            lock.unlock();
        }
    }

    /** Only while there is something to sweep, so that the timer's thread can end. Called with the lock held. */
    private void sweepLater() {
        if (sweep != null || flows.isEmpty()) {
            return;
        }
        try {
            sweep = timer.schedule(this::sweep, Math.max(1, idleNanos / 4), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Closed: then all flows are.
            sweep = null;
        }
    }

    private void sweep() {
        long now = ticker.read();
        end(flow -> now - flow.lastUse() >= idleNanos, true);
    }

    void endAllTo(Server server) {
        end(flow -> flow.server().id().equals(server.id()), false);
    }

    void endAll() {
        end(flow -> true, false);
    }

    private void end(Predicate<DatagramFlow> unwanted, boolean swept) {
        List<DatagramFlow> removed = new ArrayList<>();
        lock.lock();
        try {
            flows.values().removeIf(flow -> unwanted.test(flow) && removed.add(flow));
            if (swept) {
                sweep = null;
                sweepLater();
            }
        } finally {
            lock.unlock();
        }
        removed.forEach(DatagramFlow::close);
    }
}
