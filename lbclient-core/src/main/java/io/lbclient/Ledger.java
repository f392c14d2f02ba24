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
abstract class Ledger {
    private static final VarHandle WAITING;
    private static final VarHandle ANSWERED;
    private static final VarHandle PICKS;
    private static final VarHandle LAST_PICK;
    private static final int UNIT_SHIFT = 14;
    private static final int COUNT_BITS = 20;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

    /**
     * What each request in flight adds to the wait, as its cube. Where a client knows the whole queue, its own count says
     * more than any average of answer times, which is of queues that are gone. (The cube is that of C3, NSDI 2015.)
     */
    private static final double CUBE = 0.3;

    /** The factors of so many counts are computed beforehand, for a division and two products at each look add up. */
    private static final int FEW = 64;

    private static final double[] QUEUE = new double[FEW];
    private static final double[] SHARE_OF_AGES = new double[FEW];

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WAITING = lookup.findVarHandle(Ledger.class, "waiting", long.class);
            ANSWERED = lookup.findVarHandle(Ledger.class, "answered", int.class);
            PICKS = lookup.findVarHandle(Ledger.class, "picks", long.class);
            LAST_PICK = lookup.findVarHandle(Ledger.class, "lastPick", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
        for (int count = 0; count < FEW; count++) {
            QUEUE[count] = queue(count);
            SHARE_OF_AGES[count] = (double) (1 << UNIT_SHIFT) / Math.max(1, count);
        }
    }

    private volatile long waiting;
    private volatile int answered;
    private volatile long picks;
    // Written without a barrier: it decides whose turn it is among equals.
    @SuppressWarnings("UnusedVariable") // read through its handle
    private long lastPick;

    /** A new server waits for its first turn as if it had just had one. */
    Ledger(long now) {
        lastPick = now;
    }

    void begin(long start) {
        LAST_PICK.setOpaque(this, start);
        WAITING.getAndAdd(this, entry(start));
        PICKS.getAndAdd(this, 1L);
    }

    /**
     * Begins unless that would make more than {@code limit} in flight. Never exceeds the limit, whoever else begins at
     * the same moment. May refuse wrongly while an attempt moves from waiting to answered, when it is counted twice.
     */
    boolean beginWithin(int limit, long start) {
        long entry = entry(start);
        while (true) {
            long seen = waiting;
            long all = (seen & COUNT_MASK) + 1;
            if (all + answered > limit) {
                return false;
            }
            if (!WAITING.compareAndSet(this, seen, seen + entry)) {
                continue;
            }
            // Of the same 16 microseconds, one may have been answered and another have begun since the answered were
            // counted, and then what waits is as it was. Whoever comes from now on sees this one.
            if (all + answered <= limit) {
                break;
            }
            WAITING.getAndAdd(this, -entry);
        }
        LAST_PICK.setOpaque(this, start);
        PICKS.getAndAdd(this, 1L);
        return true;
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

    public final int inFlight() {
        return Math.max(0, (int) (waiting & COUNT_MASK) + answered);
    }

    public final long picks() {
        return picks;
    }

    /** When it was picked last, as a reading of the ticker; when it joined if it never was. */
    long lastPick() {
        return (long) LAST_PICK.getOpaque(this);
    }

    /**
     * What a request that is sent now waits for its answer: what an answer takes, or the mean age of what has none yet if
     * that is more, times what the requests in flight make of it.
     */
    double expectedWait(double answerNanos, long now) {
        // Without order: an attempt that moves from one to the other may be missed or seen twice in this look, which
        // makes a pick a little worse and nothing wrong.
        long seen = (long) WAITING.getOpaque(this);
        int count = (int) (seen & COUNT_MASK);
        int all = Math.max(0, count + (int) ANSWERED.getOpaque(this));
        if (count < FEW && all < FEW) {
            double age = Math.max(0, totalAge(seen, now)) * SHARE_OF_AGES[count];
            // Of two doubles that are not negative the greater one has the greater bits, and this needs no branch.
            long more = Math.max(Double.doubleToRawLongBits(age), Double.doubleToRawLongBits(answerNanos));
            return Double.longBitsToDouble(more) * QUEUE[all];
        }
        return Math.max(meanAgeNanos(now), answerNanos) * queue(all);
    }

    /** The same for a server that is so many times lighter than others, so that what it has in flight counts for more. */
    double expectedWait(double answerNanos, long now, double lighter) {
        return Math.max(meanAgeNanos(now), answerNanos) * queue(inFlight() * lighter);
    }

    /** What the requests in flight make of a wait. */
    private static double queue(double inFlight) {
        return 1 + inFlight + CUBE * inFlight * inFlight * inFlight;
    }

    long meanAgeNanos(long now) {
        long seen = waiting;
        long count = seen & COUNT_MASK;
        if (count == 0) {
            return 0;
        }
        long total = totalAge(seen, now);
        return total <= 0 ? 0 : (total / count) << UNIT_SHIFT;
    }

    /** In units. */
    private static long totalAge(long seen, long now) {
        long count = seen & COUNT_MASK;
        // Shifting the difference up before it is compared drops what wrapped and keeps the sign: an attempt that
        // another thread started a moment after our reading of the clock has a small negative age, not a huge one.
        return (((now >> UNIT_SHIFT) * count - (seen >> COUNT_BITS)) << COUNT_BITS) >> COUNT_BITS;
    }

    private static long entry(long start) {
        return ((start >> UNIT_SHIFT) << COUNT_BITS) + 1;
    }
}
