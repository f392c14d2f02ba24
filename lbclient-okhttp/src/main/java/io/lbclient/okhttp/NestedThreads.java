package io.lbclient.okhttp;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads that hedged and timed attempts and mirrored requests run on unless told otherwise. One pool for all interceptors:
 * as many as are needed at once, and gone a minute later.
 */
final class NestedThreads {
    static final Executor SHARED = create();

    private NestedThreads() {}

    private static Executor create() {
        AtomicLong number = new AtomicLong();
        return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.MINUTES, new SynchronousQueue<>(), task -> {
            // Without the inheritable thread locals: the thread outlives the request that starts it.
            Thread thread = new Thread(null, task, "lbclient-attempt-" + number.incrementAndGet(), 0, false);
            thread.setDaemon(true);
            return thread;
        });
    }
}
