package io.lbclient.health;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of checks that block: daemons, one for each such check, which end when they have been idle.
 *
 * <p>How many checks run is bounded before they get here. A bound on the threads would let a few checks that cannot be
 * cancelled stop all others for ever.
 */
final class CheckThreads {
    private static final long IDLE_SECONDS = 10;

    private CheckThreads() {}

    static ExecutorService of(String pool) {
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(null, task, "lbclient-" + pool + "-check", 0, false);
                    thread.setDaemon(true);
                    return thread;
                });
    }
}
