package io.lbclient.test.sim;

/** Visits that each wait for the same time, so they leave in the order in which they came: a ring. */
final class DelayLine {
    private final long delayNanos;
    private long[] times = new long[256];
    private long[] generations = new long[256];
    private Visit[] visits = new Visit[256];
    private int first;
    private int size;

    DelayLine(long delayNanos) {
        this.delayNanos = delayNanos;
    }

    void add(Visit visit, long now) {
        if (size == times.length) {
            grow();
        }
        int place = (first + size++) & (times.length - 1);
        times[place] = now + delayNanos;
        generations[place] = visit.generation;
        visits[place] = visit;
    }

    private void grow() {
        long[] moreTimes = new long[2 * size];
        long[] moreGenerations = new long[2 * size];
        Visit[] moreVisits = new Visit[2 * size];
        for (int i = 0; i < size; i++) {
            int place = (first + i) & (times.length - 1);
            moreTimes[i] = times[place];
            moreGenerations[i] = generations[place];
            moreVisits[i] = visits[place];
        }
        times = moreTimes;
        generations = moreGenerations;
        visits = moreVisits;
        first = 0;
    }

    long nextTime() {
        return size == 0 ? Timers.NEVER : times[first];
    }

    Visit next() {
        return visits[first];
    }

    /** False if the first one is no longer what it was when it came: its visit has ended, and the object is another. */
    boolean current() {
        return visits[first].generation == generations[first];
    }

    void drop() {
        first = (first + 1) & (times.length - 1);
        size--;
    }

    int size() {
        return size;
    }
}
