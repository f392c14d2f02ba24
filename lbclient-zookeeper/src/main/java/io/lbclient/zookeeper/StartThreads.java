package io.lbclient.zookeeper;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads on which watches are begun and ended, which blocks: daemons that end when they have been idle. */
final class StartThreads {
    private static final long IDLE_SECONDS = 10;

    static final Executor SHARED = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(null, task, "lbclient-zookeeper-start", 0, false);
                thread.setDaemon(true);
                return thread;
            });

    private StartThreads() {}
}
