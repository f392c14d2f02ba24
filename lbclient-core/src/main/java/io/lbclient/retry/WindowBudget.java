package io.lbclient.retry;

import io.lbclient.RetryBudget;
import io.lbclient.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;

/** See {@link RetryBudgets#finagle}. Ten slots of a second each; what a slot holds expires as a whole. */
final class WindowBudget implements RetryBudget {
    private static final int SLOTS = 10;
    private static final long SLOT_NANOS = Duration.ofSeconds(1).toNanos();

    /** Amounts are whole numbers, so that many small deposits add up without a remainder. */
    private static final double SCALE = 1000;

    private final double share;
    private final long cost;
    private final long deposit;
    private final long reserve;

    WindowBudget(double percentCanRetry, int minRetriesPerSec) {
        share = percentCanRetry;
        // With a share of 0 a request brings nothing, and only the reserve is there to take from.
        deposit = share == 0 ? 0 : (long) SCALE;
        cost = share == 0 ? 1 : Math.max(1, Math.round(SCALE / share));
        reserve = minRetriesPerSec * (long) SLOTS * cost;
    }

    @Override
    public Account open(Ticker ticker) {
        return new Window(ticker);
    }

    private record Slot(long number, LongAdder deposits, AtomicLong taken) {
        Slot(long number) {
            this(number, new LongAdder(), new AtomicLong());
        }
    }

    private final class Window implements Account {
        private final Ticker ticker;
        private final long origin;
        private final AtomicReferenceArray<Slot> slots = new AtomicReferenceArray<>(SLOTS);

        Window(Ticker ticker) {
            this.ticker = ticker;
            this.origin = ticker.read();
        }

        @Override
        public void request() {
            if (deposit > 0) {
                slot(number()).deposits.add(deposit);
            }
        }

        @Override
        public boolean tryAcquire() {
            long number = number();
            Slot present = slot(number);
            // Taken first and given back if that was too much: two that take at once cannot both have the last of it.
            present.taken.addAndGet(cost);
            if (balance(number) >= 0) {
                return true;
            }
            present.taken.addAndGet(-cost);
            return false;
        }

        private long number() {
            // A clock that went back, behind our beginning even, must not become a slot that there is not.
            return Math.max(0, ticker.read() - origin) / SLOT_NANOS;
        }

        private Slot slot(long number) {
            int index = (int) (number % SLOTS);
            while (true) {
                Slot seen = slots.get(index);
                if (seen != null && seen.number >= number) {
                    return seen;
                }
                Slot fresh = new Slot(number);
                if (slots.compareAndSet(index, seen, fresh)) {
                    return fresh;
                }
            }
        }

        private long balance(long number) {
            long sum = reserve;
            for (int i = 0; i < SLOTS; i++) {
                Slot slot = slots.get(i);
                if (slot != null && slot.number > number - SLOTS) {
                    sum += slot.deposits.sum() - slot.taken.get();
                }
            }
            return sum;
        }
    }
}
