package io.lbclient.test.sim;

import java.util.Arrays;

/** Which keys a server has an answer for; the least recently used one is dropped. A list through two arrays. */
final class KeyCache {
    private static final int OUT = -1;

    private final int capacity;
    private final int[] newer;
    private final int[] older;
    /** The place that stands before the newest and after the oldest. */
    private final int ends;

    private int size;

    KeyCache(int capacity, int keys) {
        this.capacity = capacity;
        this.newer = new int[keys + 1];
        this.older = new int[keys + 1];
        this.ends = keys;
        clear();
    }

    void clear() {
        Arrays.fill(newer, OUT);
        Arrays.fill(older, OUT);
        newer[ends] = ends;
        older[ends] = ends;
        size = 0;
    }

    /** True if the key was in the cache; afterwards it is. */
    boolean use(int key) {
        boolean hit = newer[key] != OUT;
        if (hit) {
            unlink(key);
        } else if (size == capacity) {
            int oldest = newer[ends];
            unlink(oldest);
            newer[oldest] = OUT;
        } else {
            size++;
        }
        int newest = older[ends];
        older[key] = newest;
        newer[newest] = key;
        newer[key] = ends;
        older[ends] = key;
        return hit;
    }

    private void unlink(int key) {
        newer[older[key]] = newer[key];
        older[newer[key]] = older[key];
    }
}
