package io.lbclient.test;

import io.lbclient.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that moves only when it is told to. Safe for use by many threads. */
public final class FakeTicker implements Ticker {
    private final AtomicLong now;

    /** Creates a clock that stands a little before the point where a reading wraps around to negative. */
    public FakeTicker() {
        this(Long.MAX_VALUE - Duration.ofMillis(1).toNanos());
    }

    /**
     * Creates a clock.
     *
     * @param start its first reading, in nanoseconds
     */
    public FakeTicker(long start) {
        now = new AtomicLong(start);
    }

    @Override
    public long read() {
        return now.get();
    }

    /**
     * Moves the clock.
     *
     * @param time how far; negative moves it back
     * @return this clock
     */
    public FakeTicker advance(Duration time) {
        return advanceNanos(time.toNanos());
    }

    /**
     * Moves the clock.
     *
     * @param nanos how far, in nanoseconds; negative moves it back
     * @return this clock
     */
    public FakeTicker advanceNanos(long nanos) {
        now.addAndGet(nanos);
        return this;
    }

    @Override
    public String toString() {
        return "FakeTicker at " + read();
    }
}
