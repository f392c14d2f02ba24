package io.lbclient.test.sim;

import dev.failsafe.RetryPolicy;
import dev.failsafe.RetryPolicyConfig;
import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.retry.RetryRun;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether, and when, a client tries once more: as the adapters do, by the library's own {@link RetryRun} and the
 * pool's budget, or blindly at once for {@link Traffic#retries}.
 */
final class Retrying {
    /** There is no other attempt. */
    static final long NEVER = -1;

    /** The name of the stream that jitter is drawn from; servers draw by the names below. */
    private static final int JITTER = 3;

    private final Traffic traffic;
    private final @Nullable RetryPolicyConfig<Outcome> config;
    /** The policy without its jitter: Failsafe would draw that from a source that cannot be seeded. */
    private final @Nullable RetryPolicy<Outcome> even;

    Retrying(Traffic traffic) {
        this.traffic = traffic;
        RetryPolicy<Outcome> policy = traffic.policy;
        config = policy == null ? null : policy.getConfig();
        even = config == null
                ? null
                : RetryPolicy.<Outcome>builder(config).withJitter(0.0).build();
    }

    /** Rejects what cannot be simulated. */
    static RetryPolicy<Outcome> checked(RetryPolicy<Outcome> policy) {
        RetryPolicyConfig<Outcome> config = policy.getConfig();
        if (config.getMaxDuration() != null) {
            throw Checks.rejected(
                    "maxDuration", config.getMaxDuration(), "none, since Failsafe measures it by the real clock");
        }
        if (config.getDelayMin() != null) {
            throw Checks.rejected(
                    "delay",
                    config.getDelayMin() + " to " + config.getDelayMax(),
                    "a fixed one, with jitter if wanted");
        }
        return policy;
    }

    /** Notes that a request begins. */
    void request(Client client) {
        if (even != null) {
            client.pool.retryBudget().request();
        }
    }

    /** Returns how long to wait before the attempt after a failed one, or {@link #NEVER}. */
    long delayNanos(Visit visit, Attempt failed, Outcome outcome) {
        if (even == null) {
            boolean wanted = outcome != Outcome.TIMEOUT || traffic.retriesTimeouts;
            return wanted && visit.number <= traffic.retries ? 0 : NEVER;
        }
        long wanted = wantedNanos(visit, failed, outcome, even);
        return wanted != NEVER && visit.client.pool.retryBudget().tryAcquire() ? wanted : NEVER;
    }

    private long wantedNanos(Visit visit, Attempt failed, Outcome outcome, RetryPolicy<Outcome> policy) {
        if (outcome == Outcome.CONNECT_FAILURE && failed.hasAnother()) {
            // Nothing was sent, and there is somebody else to ask: no repeat, and no reason to wait.
            return 0;
        }
        RetryRun<Outcome> run = visit.run;
        if (run == null) {
            run = new RetryRun<>(policy);
            visit.run = run;
        }
        Duration delay = run.after(outcome);
        return delay == null ? NEVER : jittered(delay.toNanos(), visit);
    }

    private long jittered(long nanos, Visit visit) {
        RetryPolicyConfig<Outcome> settings = config;
        if (settings == null) {
            return nanos;
        }
        double drawn = 1 - 2 * Stream.unit(Stream.seed(visit.draws, JITTER, visit.number));
        Duration most = settings.getJitter();
        double spread = most != null ? most.toNanos() : nanos * settings.getJitterFactor();
        return Math.max(0, nanos + (long) (drawn * spread));
    }
}
