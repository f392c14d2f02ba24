package io.lbclient;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One server at one moment, for logs, metrics and people.
 *
 * @param server the server with its settings
 * @param state its health as one word
 * @param causes what is raised on it; empty if nothing is
 * @param detail why, in plain words, from the cause that decides the state; empty if nothing is raised
 * @param until when that ends, or is looked at again, at the earliest, on the wall clock; null if nothing is raised, or
 *     if it is not a matter of time, such as a failing check or an operator's word
 * @param pushedBackUntil until when the server asked to be left alone, with {@code Retry-After} or gRPC's push-back, on the
 *     wall clock; null if it did not, or the time is over. Its state stays what it is, and its share goes down
 * @param operator what an operator set on it, or null if nothing is
 * @param weight the weight that counts now: what an operator set, or else {@link #configuredWeight}
 * @param inFlight the attempts picked and not complete
 * @param picks the attempts picked since it joined
 * @param share its share of the pool's recent picks, 0 to 1: of the last 10 to 20 seconds if snapshots are taken all
 *     the time, else since the one before last
 * @param failures how many of them ended in a failure
 * @param latencyNanos the peak-sensitive moving average of the latency, in nanoseconds; 0 without a sample
 * @param failureRate how much of the recent answers were failures, 0 to 1
 */
// So many components because whoever looks wants figures side by side; only the pool makes one.
public record ServerSnapshot(
        Server server,
        HealthState state,
        Set<HealthCause> causes,
        String detail,
        @Nullable Instant until,
        @Nullable Instant pushedBackUntil,
        Operator.@Nullable Setting operator,
        double weight,
        int inFlight,
        long picks,
        double share,
        long failures,
        long latencyNanos,
        double failureRate) {
    /**
     * Copies the causes.
     *
     * @param server the server with its settings
     * @param state its health as one word
     * @param causes what is raised on it
     * @param detail why, in plain words
     * @param until when that ends at the earliest
     * @param pushedBackUntil until when the server asked to be left alone
     * @param operator what an operator set on it
     * @param weight the weight that counts now
     * @param inFlight the attempts picked and not complete
     * @param picks the attempts picked since it joined
     * @param share its share of the pool's recent picks
     * @param failures how many of them ended in a failure
     * @param latencyNanos the moving average of the latency
     * @param failureRate how much of the recent answers were failures
     */
    public ServerSnapshot {
        causes = Set.copyOf(causes);
    }

    /**
     * Returns the weight that the server came with.
     *
     * @return the weight, whatever an operator has set
     */
    public double configuredWeight() {
        return server.weight();
    }
}
