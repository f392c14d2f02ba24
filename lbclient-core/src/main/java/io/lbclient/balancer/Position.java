package io.lbclient.balancer;

import io.lbclient.PickContext;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A turn that many threads take in common and that survives the rebuilds of a picker.
 *
 * <p>It starts at a random value, drawn from the pool's source at the first pick: clients that start together would
 * otherwise all begin with the first server, and again after each change of the list. It counts as an unsigned 32-bit
 * number, so nothing special happens at 2^31, and at 2^32 the turn jumps once.
 */
final class Position {
    /** Set with the start, so that every start, 0 too, differs from none. */
    private static final long DRAWN = 1L << 32;

    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicLong start;

    Position() {
        this(0);
    }

    private Position(long start) {
        this.start = new AtomicLong(start);
    }

    /** A position that starts at a given turn, for tests. */
    static Position startingAt(int first) {
        return new Position(DRAWN | Integer.toUnsignedLong(first));
    }

    /** Takes the next turn: an unsigned number. */
    int next(PickContext context) {
        long from = start.get();
        if (from == 0) {
            start.compareAndSet(0, DRAWN | (context.random().nextLong() >>> 32));
            from = start.get();
        }
        return taken.getAndIncrement() + (int) from;
    }

    /** The turn that will be taken next, without taking it; means nothing before the first was taken. */
    int upcoming() {
        return taken.get() + (int) start.get();
    }

    boolean started() {
        return start.get() != 0;
    }
}
