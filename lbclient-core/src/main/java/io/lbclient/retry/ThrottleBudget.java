package io.lbclient.retry;

import io.lbclient.Outcome;
import io.lbclient.RetryBudget;
import io.lbclient.Ticker;
import java.util.concurrent.atomic.AtomicInteger;

/** See {@link RetryBudgets#grpc}. Counts thousandths of a token, as A6 says. */
final class ThrottleBudget implements RetryBudget {
    private static final int SCALE = 1000;

    private final int max;
    private final int ratio;

    ThrottleBudget(int maxTokens, double tokenRatio) {
        max = maxTokens * SCALE;
        ratio = (int) (tokenRatio * SCALE);
    }

    @Override
    public Account open(Ticker ticker) {
        return new Throttle(new AtomicInteger(max));
    }

    private final class Throttle implements Account {
        private final AtomicInteger count;

        Throttle(AtomicInteger count) {
            this.count = count;
        }

        @Override
        public void request() {}

        @Override
        public boolean tryAcquire() {
            return count.get() > max / 2;
        }

        @Override
        public void ended(Outcome outcome) {
            if (outcome == Outcome.SUCCESS) {
                // Read before write: while all is well the count stands at its maximum, and is shared by all threads.
                if (count.get() < max) {
                    count.updateAndGet(present -> Math.min(max, present + ratio));
                }
            } else if (outcome.failure() && count.get() > 0) {
                count.updateAndGet(present -> Math.max(0, present - SCALE));
            }
        }
    }
}
