package io.lbclient.test.sim;

import java.util.Comparator;
import java.util.PriorityQueue;

/** What is to be done at which time, in the order of the times, and at one time in the order of the calls. */
final class Agenda {
    private final PriorityQueue<Entry> entries =
            new PriorityQueue<>(Comparator.comparingLong(Entry::time).thenComparingLong(Entry::number));
    private long given;

    @FunctionalInterface
    interface Step {
        void run(long now);
    }

    private record Entry(long time, long number, Step step) {}

    long nextTime() {
        Entry next = entries.peek();
        return next == null ? Timers.NEVER : next.time;
    }

    void add(long time, Step step) {
        entries.add(new Entry(time, given++, step));
    }

    /** Takes the first step away and returns it. */
    Step poll() {
        return entries.remove().step;
    }
}
