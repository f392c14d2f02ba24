package io.lbclient.notify;

import io.lbclient.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that only a test moves. */
final class FakeTicker implements Ticker {
    // Near the wrap of the reading, so that a comparison of two readings instead of their difference shows.
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000);

    @Override
    public long read() {
        return now.get();
    }

    void advance(Duration by) {
        now.addAndGet(by.toNanos());
    }
}
