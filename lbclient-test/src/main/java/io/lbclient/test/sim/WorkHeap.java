package io.lbclient.test.sim;

import java.util.Arrays;

/** The requests that a server works on, in the order in which they will be finished. */
final class WorkHeap {
    private double[] ends = new double[16];
    private Visit[] visits = new Visit[16];
    private int size;

    int size() {
        return size;
    }

    double nextAt() {
        return ends[0];
    }

    void add(double end, Visit visit) {
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, 2 * size);
            visits = Arrays.copyOf(visits, 2 * size);
        }
        int place = size++;
        while (place > 0) {
            int parent = (place - 1) >> 1;
            if (ends[parent] <= end) {
                break;
            }
            put(place, ends[parent], visits[parent]);
            place = parent;
        }
        put(place, end, visit);
    }

    Visit poll() {
        Visit first = visits[0];
        int last = --size;
        double end = ends[last];
        Visit visit = visits[last];
        int place = 0;
        while (true) {
            int child = 2 * place + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && ends[child + 1] < ends[child]) {
                child++;
            }
            if (ends[child] >= end) {
                break;
            }
            put(place, ends[child], visits[child]);
            place = child;
        }
        put(place, end, visit);
        return first;
    }

    private void put(int place, double end, Visit visit) {
        ends[place] = end;
        visits[place] = visit;
    }
}
