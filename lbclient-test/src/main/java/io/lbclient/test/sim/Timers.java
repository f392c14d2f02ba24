package io.lbclient.test.sim;

import java.util.Arrays;

/**
 * When each of a fixed number of sources has its next event: a heap in which a source's time is changed in place, so
 * nothing that was put off is left behind. Events of one time come in the order of their sources.
 */
final class Timers {
    static final long NEVER = Long.MAX_VALUE;

    private static final int WIDTH = 4;

    /** The times in the order of the heap, so that a look at a place's children is a look at one line of memory. */
    private final long[] times;

    private final int[] heap;
    private final int[] places;

    Timers(int sources) {
        times = new long[sources];
        heap = new int[sources];
        places = new int[sources];
        Arrays.fill(times, NEVER);
        for (int i = 0; i < sources; i++) {
            heap[i] = i;
            places[i] = i;
        }
    }

    /** The source whose event is next. */
    int next() {
        return heap[0];
    }

    /** When the next event is. */
    long nextTime() {
        return times[0];
    }

    void set(int source, long time) {
        int place = places[source];
        long before = times[place];
        if (time < before) {
            up(place, source, time);
        } else if (time > before) {
            down(place, source, time);
        }
    }

    private boolean earlier(long time, int source, int place) {
        long other = times[place];
        return time < other || (time == other && source < heap[place]);
    }

    private void up(int from, int source, long time) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) / WIDTH;
            if (!earlier(time, source, parent)) {
                break;
            }
            put(place, heap[parent], times[parent]);
            place = parent;
        }
        put(place, source, time);
    }

    private void down(int from, int source, long time) {
        int place = from;
        while (true) {
            int child = place * WIDTH + 1;
            if (child >= heap.length) {
                break;
            }
            int first = child;
            int end = Math.min(child + WIDTH, heap.length);
            for (int i = child + 1; i < end; i++) {
                if (earlier(times[i], heap[i], first)) {
                    first = i;
                }
            }
            if (earlier(time, source, first)) {
                break;
            }
            put(place, heap[first], times[first]);
            place = first;
        }
        put(place, source, time);
    }

    private void put(int place, int source, long time) {
        times[place] = time;
        heap[place] = source;
        places[source] = place;
    }
}
