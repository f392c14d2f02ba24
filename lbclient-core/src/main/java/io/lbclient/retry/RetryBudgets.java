package io.lbclient.retry;

import io.lbclient.RetryBudget;
import io.lbclient.internal.Checks;

/** The budgets that there are besides {@link RetryBudget#of}, which every pool has unless told otherwise. */
public final class RetryBudgets {
    private RetryBudgets() {}

    /**
     * Returns Finagle's budget: in any 10 s, as many further attempts as {@code percentCanRetry} of the requests of those
     * 10 s and {@code minRetriesPerSec} for each of them.
     *
     * <p>What a burst of failures takes is gone for 10 s, and then is all there again: in a long outage, further
     * attempts come in bursts. {@link RetryBudget#of} does not do that.
     *
     * @param percentCanRetry the part of the requests, 0 to 1000; Finagle's default is 0.2
     * @param minRetriesPerSec how many more a second, 0 to 1 000 000; Finagle's default is 10
     * @return the budget
     * @throws IllegalArgumentException if one of them is out of its range
     */
    public static RetryBudget finagle(double percentCanRetry, int minRetriesPerSec) {
        return new WindowBudget(
                Checks.between("percentCanRetry", percentCanRetry, 0, 1000),
                Checks.between("minRetriesPerSec", minRetriesPerSec, 0, 1_000_000));
    }

    /**
     * Returns gRPC's retry throttle (proposal A6): a count that starts at {@code maxTokens}, falls by 1 with each failed
     * attempt and rises by {@code tokenRatio} with each that succeeds; further attempts are made while it is above half
     * of {@code maxTokens}.
     *
     * <p>It does not go by requests but by how attempts end, so in an outage it soon allows nothing at all.
     *
     * @param maxTokens greater than 0, at most 1000
     * @param tokenRatio greater than 0, at most 1000; decimals beyond the third are dropped
     * @return the budget
     * @throws IllegalArgumentException if one of them is out of its range
     */
    public static RetryBudget grpc(int maxTokens, double tokenRatio) {
        return new ThrottleBudget(
                Checks.between("maxTokens", maxTokens, 1, 1000), Checks.between("tokenRatio", tokenRatio, 0.001, 1000));
    }

    /**
     * Returns a budget without an end. Retries then multiply the load in an outage; for tests, and for programs that
     * bound their retries elsewhere.
     *
     * @return the budget
     */
    public static RetryBudget unlimited() {
        return ticker -> Unlimited.INSTANCE;
    }

    private enum Unlimited implements RetryBudget.Account {
        INSTANCE;

        @Override
        public void request() {}

        @Override
        public boolean tryAcquire() {
            return true;
        }
    }
}
