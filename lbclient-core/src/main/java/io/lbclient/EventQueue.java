package io.lbclient;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Runs what is put into it one at a time and in order, on whichever thread comes by, holding no lock meanwhile. */
final class EventQueue {
    private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unrun = new AtomicInteger();
    private final Consumer<Throwable> onFailure;

    EventQueue(Consumer<Throwable> onFailure) {
        this.onFailure = onFailure;
    }

    void add(Runnable event) {
        events.add(event);
    }

    /** Runs what is there. If another thread is at it, that thread runs it, and this one goes on. */
    void drain() {
        if (unrun.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            Runnable event;
            while ((event = events.poll()) != null) {
                run(event);
            }
            seen = unrun.addAndGet(-seen);
        } while (seen != 0);
    }

    private void run(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException | Error e) {
            // Let out, it would leave the count up, and no event would ever run again.
            onFailure.accept(e);
        }
    }
}
