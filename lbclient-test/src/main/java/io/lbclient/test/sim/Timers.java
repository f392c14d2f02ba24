package io.lbclient.test.sim;

import java.util.Arrays;

/**
 * When each of a fixed number of sources has its next event: a heap in which a source's time is changed in place, so
 * nothing that was put off is left behind. Events of one time come in the order of their sources.
 */
final class Timers {
    static final long NEVER = Long.MAX_VALUE;

    private static final int WIDTH = 4;

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
        return times[heap[0]];
    }

    void set(int source, long time) {
        long before = times[source];
        times[source] = time;
        if (time < before) {
            up(places[source], source);
        } else if (time > before) {
            down(places[source], source);
        }
    }

    private boolean earlier(int one, int other) {
        long difference = times[one] - times[other];
        return difference < 0 || (difference == 0 && one < other);
    }

    private void up(int from, int source) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) / WIDTH;
            if (!earlier(source, heap[parent])) {
                break;
            }
            put(place, heap[parent]);
            place = parent;
        }
        put(place, source);
    }

    private void down(int from, int source) {
        int place = from;
        while (true) {
            int child = place * WIDTH + 1;
            if (child >= heap.length) {
                break;
            }
            int first = child;
            for (int i = child + 1; i < Math.min(child + WIDTH, heap.length); i++) {
                if (earlier(heap[i], heap[first])) {
                    first = i;
                }
            }
            if (!earlier(heap[first], source)) {
                break;
            }
            put(place, heap[first]);
            place = first;
        }
        put(place, source);
    }

    private void put(int place, int source) {
        heap[place] = source;
        places[source] = place;
    }
}
