package io.lbclient.balancer;

import java.util.concurrent.atomic.AtomicLong;

/** Turns a rate such as 1.25 into whole numbers that keep it exactly: 1, 1, 1, 2. What is left over is carried on. */
final class FractionalRate {
    private final AtomicLong sum = new AtomicLong();
    private final long rate;

    FractionalRate(double rate) {
        this.rate = Math.round(rate * (1L << 32));
    }

    int next() {
        long before = sum.getAndAdd(rate);
        return (int) (((before + rate) >>> 32) - (before >>> 32));
    }
}
