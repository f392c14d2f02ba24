package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.internal.Checks;
import java.time.Duration;

/**
 * The settings of least response time; see {@link Balancers#leastResponseTime()}. Not safe for use by several threads.
 */
public final class LeastResponseTimeBuilder {
    /** Latencies beyond this many steps are all the same, as in nginx: 5 s with the default step. */
    private static final int MOST_STEPS = 250;

    private static final Duration LONGEST_STEP = Duration.ofMinutes(1);

    private Duration step = Duration.ofMillis(20);
    private boolean inflight;

    LeastResponseTimeBuilder() {}

    /**
     * Sets the step to which latencies are rounded up, so that servers that differ by noise share evenly. Latencies of
     * more than 250 steps count as 250. Default: 20 ms, as in nginx; for a service that answers within milliseconds
     * choose a step of about a tenth of what it takes.
     *
     * @param width 1 microsecond to 1 minute
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public LeastResponseTimeBuilder step(Duration width) {
        step = Checks.between("step", width, Duration.ofNanos(1000), LONGEST_STEP);
        return this;
    }

    /**
     * Sets whether requests that have had no answer yet count too: if they have been waiting for longer, on average,
     * than answers take, that time stands for the latency. Default: false, as in nginx.
     *
     * @param count whether they count
     * @return this builder
     */
    public LeastResponseTimeBuilder inflight(boolean count) {
        inflight = count;
        return this;
    }

    /**
     * Returns the strategy.
     *
     * @return least response time with these settings
     */
    public Balancer build() {
        long nanos = step.toNanos();
        boolean waiting = inflight;
        return Choices.by((server, now) -> estimate(server, now, nanos, waiting), Choices.ALL);
    }

    private static double estimate(Candidate server, long now, long step, boolean waiting) {
        long latency = server.latencyNanos(now);
        if (waiting) {
            latency = Math.max(latency, server.outstandingAgeNanos(now));
        }
        return rounded(latency, step) * (1.0 + server.inFlight());
    }

    static long rounded(long latency, long step) {
        long most = MOST_STEPS * step;
        return latency > most ? most : (latency / step + 1) * step;
    }
}
