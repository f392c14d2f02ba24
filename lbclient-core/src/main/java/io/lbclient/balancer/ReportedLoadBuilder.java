package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.internal.Checks;
import java.time.Duration;
import java.util.List;

/**
 * The settings of balancing by reported load, with the names and defaults of gRPC's {@code weighted_round_robin} (gRFC
 * A58, A114); see {@link Balancers#reportedLoad()}. Not safe for use by several threads.
 */
public final class ReportedLoadBuilder {
    private static final Duration LONGEST = Duration.ofDays(1);

    Duration blackoutPeriod = Duration.ofSeconds(10);
    Duration weightExpirationPeriod = Duration.ofMinutes(3);
    Duration weightUpdatePeriod = Duration.ofSeconds(1);
    double errorUtilizationPenalty = 1.0;
    List<String> metricNames = List.of();

    ReportedLoadBuilder() {}

    /**
     * Sets for how long after its first report a server is treated as if it had sent none, so that what it reports
     * while it starts does not count. Default: 10 s.
     *
     * @param period 0 to 1 day; 0 means not at all
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public ReportedLoadBuilder blackoutPeriod(Duration period) {
        blackoutPeriod = Checks.between("blackoutPeriod", period, Duration.ZERO, LONGEST);
        return this;
    }

    /**
     * Sets after how long without a report a server is treated as if it had sent none. Default: 3 min.
     *
     * @param period 1 ms to 1 day
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public ReportedLoadBuilder weightExpirationPeriod(Duration period) {
        weightExpirationPeriod = Checks.between("weightExpirationPeriod", period, Duration.ofMillis(1), LONGEST);
        return this;
    }

    /**
     * Sets how often the reports are looked at and the turns dealt out anew, which the first pick after that time does.
     * Default: 1 s.
     *
     * @param period 100 ms to 1 day
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public ReportedLoadBuilder weightUpdatePeriod(Duration period) {
        weightUpdatePeriod = Checks.between("weightUpdatePeriod", period, Duration.ofMillis(100), LONGEST);
        return this;
    }

    /**
     * Sets how much errors count: the share of the requests that were errors, times this, is added to the utilization.
     * Default: 1.
     *
     * @param penalty 0 to 1 000 000; 0 means that errors do not count
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public ReportedLoadBuilder errorUtilizationPenalty(double penalty) {
        errorUtilizationPenalty = Checks.between("errorUtilizationPenalty", penalty, 0, 1_000_000);
        return this;
    }

    /**
     * Sets which reported values may stand for the utilization where the server reports no application utilization: the
     * greatest of them does, and the CPU utilization if there is none. Default: none.
     *
     * @param names names as in {@link io.lbclient.LoadReport#metric}, such as {@code named_metrics.queue}
     * @return this builder
     */
    public ReportedLoadBuilder metricNamesForComputingUtilization(String... names) {
        metricNames = List.of(names);
        return this;
    }

    /**
     * Returns the strategy.
     *
     * @return balancing by reported load with these settings
     */
    public Balancer build() {
        return new ReportedLoad(this);
    }
}
