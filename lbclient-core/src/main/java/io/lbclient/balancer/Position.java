package io.lbclient.balancer;

import io.lbclient.PickContext;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A turn that many threads take in common and that survives the rebuilds of a picker.
 *
 * <p>It starts at a random value, drawn from the pool's source at the first pick: clients that start together would
 * otherwise all begin with the first server, and again after each change of the list. It counts as an unsigned 32-bit
 * number, so nothing special happens at 2^31, and at 2^32 the turn jumps once.
 */
final class Position {
    private final AtomicInteger next;
    private final AtomicInteger offset = new AtomicInteger();

    Position() {
        this(0);
    }

    private Position(int first) {
        next = new AtomicInteger(first);
    }

    /** A position that starts at a given turn, for tests. */
    static Position startingAt(int first) {
        Position position = new Position(first - 1);
        position.offset.set(1);
        return position;
    }

    int next(PickContext context) {
        int start = offset.get();
        if (start == 0) {
            // Odd, so that it is never the zero that means "not drawn yet".
            offset.compareAndSet(0, context.random().nextInt() | 1);
            start = offset.get();
        }
        return next.getAndIncrement() + start;
    }
}
