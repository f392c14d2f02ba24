package io.lbclient.retry;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.RequestView;
import io.lbclient.ServerPool;
import io.lbclient.internal.Checks;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where requests wait while every server of a pool is full: first come, first served, and a bounded number of them.
 *
 * <p>Nobody waits in a loop. Whoever ends an attempt picks for the first in the queue and hands the new attempt over; so
 * a place that has become free goes to who has waited longest, also when a newcomer is faster. Who gives up leaves at
 * once, and if that meets the moment in which an attempt is handed over, the attempt is closed. Safe for use by many
 * threads; takes no lock.
 */
public final class PickQueue implements AutoCloseable {
    private final ServerPool pool;
    private final int capacity;
    private final Queue<Turn> turns = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;
    private final AtomicInteger size = new AtomicInteger();
    /** How many asked for the queue to be served; who makes it 1 serves, for the others too. */
    private final AtomicInteger asked = new AtomicInteger();

    /** Set by the first that waits: a pool without limits is to know nothing of its queues. */
    private final AtomicReference<@Nullable AutoCloseable> subscription = new AtomicReference<>();

    /**
     * Creates a queue in front of a pool.
     *
     * @param pool the pool
     * @param capacity how many requests may wait, 0 to 1 000 000; 0 means that none does
     * @throws IllegalArgumentException if the capacity is out of its range
     */
    public PickQueue(ServerPool pool, int capacity) {
        this.pool = pool;
        this.capacity = Checks.between("capacity", capacity, 0, 1_000_000);
    }

    /**
     * Picks a server for a request, now or when there is room.
     *
     * @param request what may be read of the request
     * @return the attempt, in flight; complete already if there was room. Whoever no longer wants it cancels it, or lets
     *     {@link CompletableFuture#completeOnTimeout} and its like do so, and then no attempt is in flight for it. It
     *     fails with a {@link NoServerAvailableException} if no server may be picked for another reason, with a
     *     {@link QueueFullException} if the queue is as long as it may be. What hangs on it runs on the thread that made room, and must not block
     */
    public CompletableFuture<Attempt> pick(RequestView request) {
        if (size.get() == 0) {
            try {
                return CompletableFuture.completedFuture(pool.pick(request));
            } catch (NoServerAvailableException e) {
                if (!e.full() || capacity == 0) {
                    return CompletableFuture.failedFuture(e);
                }
            }
        }
        return enqueue(request);
    }

    private CompletableFuture<Attempt> enqueue(RequestView request) {
        int before;
        do {
            before = size.get();
            if (before >= capacity) {
                return CompletableFuture.failedFuture(new QueueFullException(
                        pool.name() + ": no server has room, and " + before + " requests wait already"));
            }
        } while (!size.compareAndSet(before, before + 1));
        subscribe();
        Turn turn = new Turn(request);
        turns.add(turn);
        var unused = turn.whenComplete((attempt, failure) -> left(turn));
        // Read after the turn is in the queue: either this sees that it is closed, or the closing sees the turn.
        if (closed) {
            turn.completeExceptionally(closedFailure());
            return turn;
        }
        // Room that was made before the turn was in the queue would have been offered to nobody.
        serve();
        return turn;
    }

    private void subscribe() {
        if (subscription.get() == null) {
            AutoCloseable made = pool.onRoom(this::serve);
            if (!subscription.compareAndSet(null, made)) {
                end(made);
            }
        }
    }

    private static void end(@Nullable AutoCloseable subscribed) {
        try {
            if (subscribed != null) {
                subscribed.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whoever takes the turn out of the queue counts it out. */
    private void left(Turn turn) {
        if (turns.remove(turn)) {
            size.decrementAndGet();
        }
    }

    /**
     * Returns how many requests wait.
     *
     * @return the length of the queue
     */
    public int size() {
        return size.get();
    }

    private void serve() {
        if (size.get() == 0) {
            return;
        }
        int served = asked.incrementAndGet();
        if (served != 1) {
            return;
        }
        do {
            serveAll();
            served = asked.addAndGet(-served);
        } while (served != 0);
    }

    private void serveAll() {
        while (true) {
            Turn first = turns.peek();
            if (first == null) {
                return;
            }
            if (first.isDone()) {
                left(first);
                continue;
            }
            Attempt attempt;
            try {
                attempt = pool.pick(first.request);
            } catch (NoServerAvailableException e) {
                if (e.full()) {
                    return;
                }
                first.completeExceptionally(e);
                continue;
            } catch (RuntimeException | Error e) {
                // A strategy's: it must fail one request, and not leave the queue unserved for ever.
                first.completeExceptionally(e);
                continue;
            }
            if (!first.complete(attempt)) {
                attempt.close();
            }
        }
    }

    /** Fails those who wait, and serves no more. */
    @Override
    public void close() {
        closed = true;
        end(subscription.get());
        for (Turn turn = turns.peek(); turn != null; turn = turns.peek()) {
            turn.completeExceptionally(closedFailure());
            left(turn);
        }
    }

    private QueueFullException closedFailure() {
        return new QueueFullException(pool.name() + ": the queue is closed");
    }

    private static final class Turn extends CompletableFuture<Attempt> {
        private final RequestView request;

        Turn(RequestView request) {
            this.request = request;
        }
    }
}
