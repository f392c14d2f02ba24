package io.lbclient.retry;

import dev.failsafe.Execution;
import dev.failsafe.RetryPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The course of one request under a Failsafe {@link RetryPolicy}: what the policy says after each failed attempt, for
 * whoever sends the attempts itself. All of the policy counts: which results and exceptions it handles and aborts on,
 * its delays, its jitter, its number of retries, its longest duration, and its listeners.
 *
 * <p>Not safe for use by several threads.
 *
 * @param <R> the type of result
 */
public final class RetryRun<R> {
    private final RetryPolicy<R> policy;
    // Made when first needed: most requests succeed.
    private @Nullable Execution<R> execution;

    /**
     * Begins a run.
     *
     * @param policy the policy
     */
    public RetryRun(RetryPolicy<R> policy) {
        this.policy = policy;
        if (policy.getConfig().getMaxDuration() != null) {
            // The duration counts from here.
            execution = Execution.of(policy);
        }
    }

    /**
     * Notes a result that may be a failure.
     *
     * @param result the result
     * @return how long to wait before the next attempt; null if there is to be none, and from then on always
     */
    public @Nullable Duration after(R result) {
        Execution<R> present = execution();
        if (present.isComplete()) {
            return null;
        }
        present.recordResult(result);
        return next(present);
    }

    /**
     * Notes a failure.
     *
     * @param failure the failure
     * @return how long to wait before the next attempt; null if there is to be none, and from then on always
     */
    public @Nullable Duration after(Throwable failure) {
        Execution<R> present = execution();
        if (present.isComplete()) {
            return null;
        }
        present.recordException(failure);
        return next(present);
    }

    private Execution<R> execution() {
        Execution<R> present = execution;
        if (present == null) {
            present = Execution.of(policy);
            execution = present;
        }
        return present;
    }

    private @Nullable Duration next(Execution<R> present) {
        return present.isComplete() ? null : present.getDelay();
    }
}
