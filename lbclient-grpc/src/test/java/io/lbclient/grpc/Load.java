package io.lbclient.grpc;

import io.grpc.CallOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls one after the other on a few threads, until it is ended. */
final class Load {
    private static final int THREADS = 3;

    private final List<Thread> threads = new ArrayList<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean ended;

    static Load on(Cluster cluster) {
        Load load = new Load();
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> load.run(cluster));
            load.threads.add(thread);
            thread.start();
        }
        return load;
    }

    private void run(Cluster cluster) {
        while (!ended) {
            try {
                cluster.call("load", CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
            } catch (RuntimeException e) {
                failures.add(e.toString());
            }
            calls.incrementAndGet();
        }
    }

    /** Waits for this many more calls. */
    Load await(int more) {
        int until = calls.get() + more;
        Await.until(more + " more calls", () -> calls.get() >= until);
        return this;
    }

    int failed() {
        return failures.size();
    }

    /** Returns what went wrong. */
    List<String> end() {
        ended = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return failures;
    }
}
