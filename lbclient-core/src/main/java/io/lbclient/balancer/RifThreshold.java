package io.lbclient.balancer;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * From how many requests in flight on a server is hot: a quantile of what the last 128 answers said. Counted in a
 * histogram up to 1023; what is above counts as 1023.
 */
final class RifThreshold {
    private static final int WINDOW = 128;
    private static final int MOST = 1023;

    private final AtomicIntegerArray window = new AtomicIntegerArray(WINDOW);
    private final AtomicIntegerArray histogram = new AtomicIntegerArray(MOST + 1);
    private final AtomicInteger next = new AtomicInteger();
    private final double quantile;
    private volatile int threshold;

    RifThreshold(double quantile) {
        this.quantile = quantile;
        this.threshold = quantile == 0 ? -1 : Integer.MAX_VALUE;
    }

    /** The greatest number that is still cold: -1 if all are hot, {@code Integer.MAX_VALUE} if none is. */
    int get() {
        return threshold;
    }

    void add(int rif) {
        if (quantile == 0 || quantile == 1) {
            return;
        }
        int value = Math.min(rif, MOST);
        // A place holds its value plus one, so that zero means that it was never filled.
        int former = window.getAndSet(Integer.remainderUnsigned(next.getAndIncrement(), WINDOW), value + 1);
        histogram.incrementAndGet(value);
        if (former > 0) {
            histogram.decrementAndGet(former - 1);
        }
        threshold = atQuantile();
    }

    private int atQuantile() {
        int filled = 0;
        for (int i = 0; i < WINDOW; i++) {
            filled += window.get(i) > 0 ? 1 : 0;
        }
        double wanted = quantile * filled;
        int below = 0;
        for (int value = 0; value < MOST; value++) {
            below += histogram.get(value);
            if (below >= wanted) {
                return value;
            }
        }
        return MOST;
    }
}
