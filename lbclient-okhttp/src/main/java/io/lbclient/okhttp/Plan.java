package io.lbclient.okhttp;

import dev.failsafe.Fallback;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedBiPredicate;
import io.lbclient.Outcome;
import io.lbclient.retry.Hedge;
import io.lbclient.retry.PerTryTimeout;
import io.lbclient.retry.ResponseClassifier;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** What an interceptor was told about requests that fail or are late. Immutable. */
final class Plan {
    /**
     * Waits with full jitter, that is, between nothing and 25 ms, 50 ms and so on. Failsafe's jitter of 1 draws between
     * nothing and twice the delay, so the delays are half of that. What is handed to it is a failure already.
     */
    private static final RetryPolicy<Response> DEFAULT = RetryPolicy.<Response>builder()
            .handle(IOException.class)
            .handleResultIf(response -> true)
            .withMaxRetries(2)
            .withBackoff(
                    Duration.ofMillis(25).dividedBy(2), Duration.ofMillis(250).dividedBy(2))
            .withJitter(1.0)
            .build();

    private final @Nullable RetryPolicy<Response> ownPolicy;
    private final @Nullable ResponseClassifier<Response> ownClassifier;
    final RetryPolicy<Response> policy;
    final @Nullable Hedge hedge;
    final @Nullable PerTryTimeout perTryTimeout;
    final @Nullable Fallback<Response> fallback;
    final int queueCapacity;
    final Duration queueWait;
    final int mirrorsAtOnce;
    final Executor threads;
    /** How long calls may go on at a server that left; null for as long as they take. */
    final @Nullable Duration drainTime;

    Plan(LoadBalancingInterceptor.Builder settings) {
        ownPolicy = settings.retry;
        ownClassifier = settings.classifier;
        policy = ownPolicy != null ? ownPolicy : DEFAULT;
        hedge = settings.hedge;
        perTryTimeout = settings.perTryTimeout;
        fallback = settings.fallback;
        queueCapacity = settings.queueCapacity;
        queueWait = settings.queueWait;
        mirrorsAtOnce = settings.mirrorsAtOnce;
        drainTime = settings.drainTime;
        threads = settings.threads;
    }

    /** Whether an attempt may have to be given up for another, which takes nested calls on threads of their own. */
    boolean races() {
        return hedge != null || perTryTimeout != null;
    }

    Outcome classify(Response response) {
        return ownClassifier == null ? Outcomes.of(response.code()) : ownClassifier.classify(response);
    }

    /** Whether the policy takes an answer for a failure. */
    boolean mayHandle(Response response, Outcome outcome) {
        RetryPolicy<Response> own = ownPolicy;
        if (own != null) {
            return handles(own, response);
        }
        int code = response.code();
        // Below 500, only what the user called a failure is one; above, 500 and its like are a server's decision.
        return outcome.failure() && (Repeats.isRepeatable(code) || code < 500);
    }

    // A result without an exception, as Failsafe tests it itself.
    @SuppressWarnings("NullAway")
    private static boolean handles(RetryPolicy<Response> policy, Response response) {
        for (CheckedBiPredicate<Response, Throwable> condition :
                policy.getConfig().getFailureConditions()) {
            try {
                if (condition.test(response, null)) {
                    return true;
                }
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("a condition of the retry policy failed", e);
            }
        }
        return false;
    }
}
