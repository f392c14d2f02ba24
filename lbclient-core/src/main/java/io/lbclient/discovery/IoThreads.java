package io.lbclient.discovery;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that read and write files, off the pools' schedulers: daemons that end when they have been idle. */
final class IoThreads {
    private static final long IDLE_SECONDS = 10;

    static final Executor SHARED = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(null, task, "lbclient-discovery-io", 0, false);
                thread.setDaemon(true);
                return thread;
            });

    private IoThreads() {}
}
