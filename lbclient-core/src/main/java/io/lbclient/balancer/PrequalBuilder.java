package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.internal.Checks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of Prequal, with the defaults of the paper's testbed; see {@link Balancers#prequal(Prober)}. Not safe for
 * use by several threads.
 */
public final class PrequalBuilder {
    @Nullable Prober prober;

    /** Null means the default, which depends on the prober. */
    private @Nullable Double removeRate;

    int poolSize = 16;
    double probeRate = 3;
    double delta = 1;
    Duration maxAge = Duration.ofSeconds(1);
    double rifQuantile = Math.pow(2, -0.25);
    String rifMetric = "named_metrics.requests_in_flight";
    String latencyMetric = "named_metrics.latency_seconds";

    PrequalBuilder() {}

    /**
     * Sets how servers are asked. Default: they are not; what they report with their answers is used.
     *
     * @param transport the transport of the probes
     * @return this builder
     */
    public PrequalBuilder prober(Prober transport) {
        prober = transport;
        return this;
    }

    /**
     * Sets under which names servers report, where they are not asked. Defaults: {@code
     * named_metrics.requests_in_flight} and {@code named_metrics.latency_seconds}.
     *
     * @param requestsInFlight the name of the requests in flight, as in {@link io.lbclient.LoadReport#metric}
     * @param latencySeconds the name of the latency of recent requests, in seconds
     * @return this builder
     */
    public PrequalBuilder reportedMetrics(String requestsInFlight, String latencySeconds) {
        rifMetric = requestsInFlight;
        latencyMetric = latencySeconds;
        return this;
    }

    /**
     * Sets how many answers are kept (the paper's m). Default: 16.
     *
     * @param size 2 to 256
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public PrequalBuilder poolSize(int size) {
        poolSize = Checks.between("poolSize", size, 2, 256);
        return this;
    }

    /**
     * Sets how many probes are sent for each request, on average (r_probe). Default: 3.
     *
     * @param perRequest 0.01 to 32
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public PrequalBuilder probeRate(double perRequest) {
        probeRate = Checks.between("probeRate", perRequest, 0.01, 32);
        return this;
    }

    /**
     * Sets how many answers are removed for each request, on average (r_remove): by turns the oldest and the worst.
     * Default: 1 with a prober; 0.25 without, because reports do not come faster than requests are sent.
     *
     * @param perRequest 0 to 32
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public PrequalBuilder removeRate(double perRequest) {
        removeRate = Checks.between("removeRate", perRequest, 0, 32);
        return this;
    }

    /**
     * Sets by how much answers may be used more often than they come in (the paper's delta). An answer is used {@code
     * max(1, (1 + delta) / ((1 - poolSize / servers) * probeRate - removeRate))} times; where that divisor is not
     * positive, because servers or probes are few, until it is too old. Default: 1.
     *
     * @param more 0 to 100
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public PrequalBuilder delta(double more) {
        delta = Checks.between("delta", more, 0, 100);
        return this;
    }

    /**
     * Sets how old an answer may be. Default: 1 s.
     *
     * @param age 1 ms to 1 h
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public PrequalBuilder maxAge(Duration age) {
        maxAge = Checks.between("maxAge", age, Duration.ofMillis(1), Duration.ofHours(1));
        return this;
    }

    /**
     * Sets from which quantile of the requests in flight on a server counts as hot (Q_RIF). 0 means that only the
     * requests in flight decide, 1 that only the latency does. Default: 2 to the power of -0.25, about 0.84.
     *
     * @param quantile 0 to 1
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public PrequalBuilder rifQuantile(double quantile) {
        rifQuantile = Checks.between("rifQuantile", quantile, 0, 1);
        return this;
    }

    double removeRate() {
        Double set = removeRate;
        return set != null ? set : prober == null ? 0.25 : 1;
    }

    /**
     * Returns the strategy.
     *
     * @return Prequal with these settings
     */
    public Balancer build() {
        return new Prequal(this);
    }
}
