package io.lbclient.notify;

import java.util.concurrent.TimeUnit;

/**
 * Lets a number of messages through in a minute, all of them at once after a quiet one. Counts in nanoseconds of
 * credit, so that no rounding adds up. Used by the worker's thread alone.
 */
final class TokenBucket {
    private final long price;
    private final long most;
    private long credit;
    private long seen;

    TokenBucket(int perMinute, long now) {
        this.price = TimeUnit.MINUTES.toNanos(1) / perMinute;
        this.most = price * perMinute;
        this.credit = most;
        this.seen = now;
    }

    boolean take(long now) {
        refill(now);
        if (credit < price) {
            return false;
        }
        credit -= price;
        return true;
    }

    long nanosUntilToken(long now) {
        refill(now);
        return Math.max(0, price - credit);
    }

    private void refill(long now) {
        // A clock that went back earns nothing, and does not take away either.
        long elapsed = Math.max(0, now - seen);
        seen = now;
        credit = Math.min(most, credit + Math.min(most, elapsed));
    }
}
