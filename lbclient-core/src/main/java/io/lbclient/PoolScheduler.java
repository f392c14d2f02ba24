package io.lbclient;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/** Where a pool's background work runs: on the user's scheduler, or on one daemon thread of the pool's own. */
final class PoolScheduler implements AutoCloseable {
    private final ScheduledExecutorService service;
    private final boolean own;

    PoolScheduler(String pool, @Nullable ScheduledExecutorService given) {
        this.own = given == null;
        this.service = given == null ? ownThread(pool) : given;
    }

    /** The thread is started by the first task and, being a daemon, never keeps a program from ending. */
    private static ScheduledExecutorService ownThread(String pool) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            // Without the inheritable thread locals: the thread may be started by a request, and outlives it.
            Thread thread = new Thread(null, task, "lbclient-" + pool, 0, false);
            thread.setDaemon(true);
            return thread;
        });
        // A cancelled un-ejection of a long time ahead must not be held on to until then.
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    ScheduledExecutorService service() {
        return service;
    }

    @Override
    public void close() {
        if (own) {
            service.shutdownNow();
        }
    }
}
