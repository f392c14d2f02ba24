package io.lbclient.grpc;

import io.grpc.CallOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/** Calls one after the other on a few threads, until it is ended. */
final class Load {
    private static final int THREADS = 3;

    private final List<Thread> threads = new ArrayList<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    /** How many calls each thread has ended. */
    private final AtomicIntegerArray calls = new AtomicIntegerArray(THREADS);

    private volatile boolean ended;

    static Load on(Cluster cluster) {
        Load load = new Load();
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            Thread thread = new Thread(() -> load.run(number, cluster));
            load.threads.add(thread);
            thread.start();
        }
        return load;
    }

    private void run(int number, Cluster cluster) {
        while (!ended) {
            try {
                cluster.call("load", CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
            } catch (RuntimeException e) {
                failures.add(e.toString());
            }
            calls.incrementAndGet(number);
        }
    }

    /** Waits for this many more calls. */
    Load await(int more) {
        int until = ended() + more;
        Await.until(more + " more calls", () -> ended() >= until);
        return this;
    }

    /** Waits until each thread has ended the call that it is in, and so knows what has changed since that began. */
    Load awaitTurnover() {
        int[] before = IntStream.range(0, THREADS).map(calls::get).toArray();
        Await.until(
                "the calls under way are over",
                () -> IntStream.range(0, THREADS).allMatch(i -> calls.get(i) > before[i]));
        return this;
    }

    private int ended() {
        return IntStream.range(0, THREADS).map(calls::get).sum();
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
