package io.lbclient;

import io.lbclient.HealthMonitor.Watch;
import io.lbclient.internal.Checks;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The affinity of a pool, if it has one, and what draining has to do with it. */
final class PoolAffinity {
    private final PoolState pool;
    private final @Nullable Affinity affinity;
    // Written once, before the pool is published.
    private Affinity.@Nullable Sessions sessions;
    private volatile boolean closed;

    PoolAffinity(PoolState pool, @Nullable Affinity affinity) {
        this.pool = pool;
        this.affinity = affinity;
    }

    void start(List<Watch> watches) {
        if (affinity != null) {
            Affinity.Sessions started = affinity.start(new MonitorAccess(pool));
            watches.add(started);
            sessions = started;
        }
    }

    /** Null in a pool without affinity. */
    Affinity.@Nullable Sessions sessions() {
        return sessions;
    }

    /** Until when a server that is drained from now on keeps its sessions; null if there are none in this pool. */
    @Nullable Long drainEnd() {
        return affinity == null
                ? null
                : pool.ticker().read()
                        + Checks.notNegative("drainTime", affinity.drainTime()).toNanos();
    }

    /** From now on nothing comes to any server. */
    void close() {
        closed = true;
    }

    /** Whether sessions may still send a server requests: idle for a moment, it is not drained. */
    boolean mayComeTo(ServerState server) {
        return sessions != null
                && !closed
                && !server.hasLeft()
                && server.health().keepsSessions(pool.ticker().read());
    }

    /** A server that is idle when the time for its sessions is over is drained then, and not at its next request. */
    void watchEnd(ServerState draining, @Nullable Long end) {
        if (sessions == null || end == null) {
            return;
        }
        try {
            var unused = pool.scheduler()
                    .schedule(draining::noteIfDrained, end - pool.ticker().read(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The pool is closed: nobody picks any more, and whoever ends the last attempt notes it.
            draining.noteIfDrained();
        }
    }
}
