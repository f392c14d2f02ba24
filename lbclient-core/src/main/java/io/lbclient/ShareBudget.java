package io.lbclient;

import io.lbclient.internal.Checks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** See {@link RetryBudget#of}. */
final class ShareBudget implements RetryBudget {
    private static final VarHandle BALANCE;

    static {
        try {
            BALANCE = MethodHandles.lookup().findVarHandle(TokenBucket.class, "balance", Balance.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final double LIFETIME_NANOS = Duration.ofSeconds(10).toNanos();
    private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

    /** How often requests are turned into tokens while no token is asked for: their rate counts as even in between. */
    private static final long FOLD_NANOS = Duration.ofSeconds(1).toNanos();

    /** Ten tenths that came one by one add up to a little less than one. */
    private static final double WHOLE = 1 - 1e-6;

    private final double share;
    private final double floor;

    ShareBudget(double share, double floor) {
        if (!(share >= 0 && share <= 1)) {
            throw Checks.rejected("share", share, "0 to 1");
        }
        this.share = share;
        this.floor = Checks.notNegative("floor", floor);
    }

    @Override
    public Account open(Ticker ticker) {
        return new TokenBucket(ticker);
    }

    /** The tokens that there were at a time, and the requests that they account for. */
    private record Balance(long at, long requests, double tokens) {}

    private final class TokenBucket implements Account {
        private final Ticker ticker;
        // Requests only count; who asks for a token works out what they come to. So they do not contend.
        private final LongAdder requests = new LongAdder();
        private volatile Balance balance;

        TokenBucket(Ticker ticker) {
            this.ticker = ticker;
            this.balance = new Balance(ticker.read(), 0, floor * LIFETIME_NANOS / NANOS_PER_SECOND);
        }

        @Override
        public void request() {
            requests.increment();
            long now = ticker.read();
            Balance seen = balance;
            if (now - seen.at >= FOLD_NANOS) {
                // Whoever loses this race need not try again.
                BALANCE.compareAndSet(this, seen, asOf(now, seen));
            }
        }

        @Override
        public boolean tryAcquire() {
            Balance seen;
            Balance taken;
            do {
                seen = balance;
                Balance present = asOf(ticker.read(), seen);
                if (present.tokens < WHOLE) {
                    return false;
                }
                taken = new Balance(present.at, present.requests, present.tokens - 1);
            } while (!BALANCE.compareAndSet(this, seen, taken));
            return true;
        }

        /**
         * With an income of {@code c} tokens a nanosecond and a mean lifetime of {@code T}, {@code b} tokens become
         * {@code b * e^(-t/T) + c * T * (1 - e^(-t/T))} in {@code t}. What requests bring counts from the beginning of
         * that time, where they were if it is long: a later one would have begun a new balance.
         */
        private Balance asOf(long now, Balance before) {
            // A clock that went back takes nothing away, and what came meanwhile is not lost.
            long elapsed = Math.max(0, now - before.at);
            long counted = Math.max(before.requests, requests.sum());
            double kept = Math.exp(-elapsed / LIFETIME_NANOS);
            double brought = (counted - before.requests) * share;
            double tokens = (before.tokens + brought) * kept + floor * LIFETIME_NANOS / NANOS_PER_SECOND * (1 - kept);
            return new Balance(before.at + elapsed, counted, tokens);
        }
    }
}
