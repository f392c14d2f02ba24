package io.lbclient;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts what is in flight to one server, and how long it has been waiting for an answer.
 *
 * <p>The attempts that wait for an answer are counted in the lower 20 bits of one long, and the sum of their start
 * times in the upper 44, so that picking and completing cost one atomic addition each, and a reader always sees a count
 * and a sum that belong together. Start times count units of 2^14 nanoseconds (16 microseconds), and the sum wraps:
 * the total age, {@code count * now - sum}, is right modulo 2^44 units as long as it is under 2^43 of them, which is
 * 1000 attempts that wait for 40 hours each. Up to 1 048 575 attempts can wait for one server at once.
 *
 * <p>An attempt that was answered but is not complete, such as a response whose body is being read, is in flight and
 * waits for nothing: it moves to a count of its own.
 */
final class Ledger {
    private static final VarHandle WAITING;
    private static final VarHandle ANSWERED;
    private static final VarHandle PICKS;
    private static final int UNIT_SHIFT = 14;
    private static final int COUNT_BITS = 20;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WAITING = lookup.findVarHandle(Ledger.class, "waiting", long.class);
            ANSWERED = lookup.findVarHandle(Ledger.class, "answered", int.class);
            PICKS = lookup.findVarHandle(Ledger.class, "picks", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long waiting;
    private volatile int answered;
    private volatile long picks;

    void begin(long start) {
        WAITING.getAndAdd(this, entry(start));
        PICKS.getAndAdd(this, 1L);
    }

    /** The answer has begun: still in flight, but no longer waiting. */
    void answer(long start) {
        // In this order, so that a reader in between sees the attempt twice rather than not at all.
        ANSWERED.getAndAdd(this, 1);
        WAITING.getAndAdd(this, -entry(start));
    }

    void endWaiting(long start) {
        WAITING.getAndAdd(this, -entry(start));
    }

    void endAnswered() {
        ANSWERED.getAndAdd(this, -1);
    }

    int inFlight() {
        return Math.max(0, (int) (waiting & COUNT_MASK) + answered);
    }

    long picks() {
        return picks;
    }

    long meanAgeNanos(long now) {
        long seen = waiting;
        long count = seen & COUNT_MASK;
        if (count == 0) {
            return 0;
        }
        // Shifting the difference up before it is compared drops what wrapped and keeps the sign: an attempt that
        // another thread started a moment after our reading of the clock has a small negative age, not a huge one.
        long total = (((now >> UNIT_SHIFT) * count - (seen >> COUNT_BITS)) << COUNT_BITS) >> COUNT_BITS;
        return total <= 0 ? 0 : (total / count) << UNIT_SHIFT;
    }

    private static long entry(long start) {
        return ((start >> UNIT_SHIFT) << COUNT_BITS) + 1;
    }
}
