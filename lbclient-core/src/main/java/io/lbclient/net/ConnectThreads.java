package io.lbclient.net;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of a socket factory, all of them daemons that end when they have nothing to do: a timer, and one for each
 * connect that was started because an earlier one is silent.
 *
 * <p>How many of the latter there are is bounded by the servers that one connect may try, by the retry budget, and by
 * the connect timeout, after which each of them has ended.
 */
final class ConnectThreads {
    private static final long IDLE_SECONDS = 2;

    private ConnectThreads() {}

    static ScheduledExecutorService timer(String pool) {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, daemons(pool + "-timer"));
        // Nearly every timer is cancelled: it must not be held on to until its time.
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    static ExecutorService connects(String pool) {
        return new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                daemons(pool + "-connect"));
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(null, task, "lbclient-" + name, 0, false);
            thread.setDaemon(true);
            return thread;
        };
    }
}
