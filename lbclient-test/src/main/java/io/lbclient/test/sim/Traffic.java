package io.lbclient.test.sim;

import dev.failsafe.RetryPolicy;
import io.lbclient.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Clients that are alike, each with a pool of its own. Requests arrive whether earlier ones were answered or not.
 * Immutable; each method returns a changed copy.
 */
public final class Traffic {
    final int clients;
    final Rate rate;
    final Work work;
    boolean even;
    long timeoutNanos = Duration.ofSeconds(5).toNanos();
    int retries;
    boolean retriesTimeouts;

    @Nullable RetryPolicy<Outcome> policy;

    int keys;
    double zipf;

    private Traffic(int clients, Rate rate, Work work) {
        this.clients = Checks.atLeast("clients", clients, 1);
        this.rate = rate;
        this.work = work;
    }

    private Traffic(Traffic other) {
        this(other.clients, other.rate, other.work);
        even = other.even;
        timeoutNanos = other.timeoutNanos;
        retries = other.retries;
        retriesTimeouts = other.retriesTimeouts;
        policy = other.policy;
        keys = other.keys;
        zipf = other.zipf;
    }

    /**
     * Returns clients whose requests arrive at random times (Poisson).
     *
     * @param clients how many, at least 1
     * @param rate the requests per second of all of them together
     * @param work what a request costs
     * @return the traffic
     * @throws IllegalArgumentException if there is no client
     */
    public static Traffic of(int clients, Rate rate, Work work) {
        return new Traffic(clients, rate, work);
    }

    /**
     * Lets the requests of each client arrive at even distances, from a random time on.
     *
     * @return the changed traffic
     */
    public Traffic even() {
        Traffic changed = new Traffic(this);
        changed.even = true;
        return changed;
    }

    /**
     * Sets how long a client waits for an answer to one attempt; then it gives up, but the server goes on working.
     * Default: 5 s.
     *
     * @param time greater than zero
     * @return the changed traffic
     * @throws IllegalArgumentException if it is not
     */
    public Traffic timeout(Duration time) {
        Traffic changed = new Traffic(this);
        changed.timeoutNanos = Checks.positive("time", time).toNanos();
        return changed;
    }

    /**
     * Sets how many more attempts a client makes, at once and at another server, after a failure that came as an answer
     * or because no connection came about. Default: none. Without back-off and budget: what {@link #retry} has.
     *
     * @param more at least 0
     * @return the changed traffic
     * @throws IllegalArgumentException if it is negative
     */
    public Traffic retries(int more) {
        Traffic changed = new Traffic(this);
        changed.retries = Checks.atLeast("more", more, 0);
        changed.policy = null;
        return changed;
    }

    /**
     * Lets clients retry as the library's adapters do unless told otherwise: at most 2 more attempts after any failure, a
     * timeout included, after a random time of up to 25 ms and then 50 ms, within the budget of each client's pool.
     *
     * @return the changed traffic
     */
    public Traffic retry() {
        return retry(RetryPolicy.<Outcome>builder()
                .handleResultIf(Outcome::failure)
                .withMaxRetries(2)
                .withBackoff(Duration.ofNanos(12_500_000), Duration.ofMillis(125))
                .withJitter(1.0)
                .build());
    }

    /**
     * Lets clients retry as the library's adapters do, by {@link io.lbclient.retry.RetryRun} and the budget of each
     * client's pool, which is set with the pool ({@link io.lbclient.ServerPoolBuilder#retryBudget} in {@link
     * Strategy#settings}). A failure to connect moves on to the next server at once while there is one. Takes the place
     * of {@link #retries} and {@link #retryingTimeouts}.
     *
     * @param how which outcomes are failures (such as {@code handleResultIf(Outcome::failure)}, or nothing is retried),
     *     how often they are retried and after which delays. They pass in simulated time, and its jitter is drawn from
     *     the run's seed
     * @return the changed traffic
     * @throws IllegalArgumentException if it has a longest duration, which Failsafe measures by the real clock, or a
     *     delay between two bounds: use jitter
     */
    public Traffic retry(RetryPolicy<Outcome> how) {
        Traffic changed = new Traffic(this);
        changed.policy = Retrying.checked(how);
        changed.retries = 0;
        changed.retriesTimeouts = false;
        return changed;
    }

    /**
     * Lets a client try again after a timeout as well.
     *
     * @return the changed traffic
     */
    public Traffic retryingTimeouts() {
        Traffic changed = new Traffic(this);
        changed.retriesTimeouts = true;
        return changed;
    }

    /**
     * Gives each request a key, which strategies see as {@link io.lbclient.RequestView#path()}, and by which servers
     * cache. Default: none.
     *
     * @param count how many keys there are, at least 1
     * @param exponent how unequal they are (Zipf): the k-th has a chance proportional to {@code 1 / k ^ exponent}; 0 to
     *     10
     * @return the changed traffic
     * @throws IllegalArgumentException if one is out of range
     */
    public Traffic keys(int count, double exponent) {
        Traffic changed = new Traffic(this);
        changed.keys = Checks.atLeast("count", count, 1);
        changed.zipf = Checks.between("exponent", exponent, 0, 10);
        return changed;
    }
}
