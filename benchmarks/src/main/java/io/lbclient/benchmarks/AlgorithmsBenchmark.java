package io.lbclient.benchmarks;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.LoadReport;
import io.lbclient.Outcome;
import io.lbclient.balancer.Balancers;
import java.time.Duration;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * What one request costs, pick and completion together, for each strategy and number of servers. Threads are set with
 * {@code -t}, bytes for each request are shown with {@code -prof gc}.
 *
 * <p>The strategies that read weights have servers of weights 1 to 5. All latencies are alike, so every strategy spreads
 * the requests over all the servers, which is the hardest for the caches.
 */
public class AlgorithmsBenchmark extends PoolBenchmark {
    /** The strategies, in the order in which the guide has them. */
    public enum Algorithm {
        /** {@link Balancers#roundRobin()}. */
        ROUND_ROBIN(Balancers.roundRobin(), false),
        /** {@link Balancers#weightedRoundRobin()}. */
        WEIGHTED_ROUND_ROBIN(Balancers.weightedRoundRobin(), true),
        /** {@link Balancers#staticStride()}. */
        STATIC_STRIDE(Balancers.staticStride(), true),
        /** {@link Balancers#random()}. */
        RANDOM(Balancers.random(), false),
        /** {@link Balancers#weightedRandom()}. */
        WEIGHTED_RANDOM(Balancers.weightedRandom(), true),
        /** {@link Balancers#leastRequests()}. */
        LEAST_REQUESTS(Balancers.leastRequests(), false),
        /** {@link Balancers#powerOfTwoChoices()}. */
        POWER_OF_TWO_CHOICES(Balancers.powerOfTwoChoices(), false),
        /** {@link Balancers#powerOfTwoChoices()} with weights. */
        WEIGHTED_POWER_OF_TWO_CHOICES(Balancers.powerOfTwoChoices(), true),
        /** {@link Balancers#earliestDeadlineFirst()}, which looks at all. */
        EARLIEST_DEADLINE_FIRST(Balancers.earliestDeadlineFirst(), true),
        /** {@link Balancers#peakEwma()}. */
        PEAK_EWMA(Balancers.peakEwma(), false),
        /** {@link Balancers#leastResponseTime()}. */
        LEAST_RESPONSE_TIME(Balancers.leastResponseTime(), false),
        /** {@link Balancers#reportedLoad()}, with a report of each server that says the same throughout. */
        REPORTED_LOAD(
                Balancers.reportedLoadBuilder().blackoutPeriod(Duration.ZERO).build(), false),
        /** {@link Balancers#prequal}, with a prober that answers at once. */
        PREQUAL(Balancers.prequal((server, reply) -> reply.answer(server.inFlight(), 1_000_000)), false),
        /** {@link Balancers#firstAvailable()}. */
        FIRST_AVAILABLE(Balancers.firstAvailable(), false),
        /** {@link Balancers#pinned()}. */
        PINNED(Balancers.pinned(), false),
        /** {@link Balancers#adaptive()}. */
        ADAPTIVE(Balancers.adaptive(), false);

        @SuppressWarnings("ImmutableEnumChecker") // A strategy holds settings only.
        private final Balancer balancer;

        private final boolean weighted;

        Algorithm(Balancer balancer, boolean weighted) {
            this.balancer = balancer;
            this.weighted = weighted;
        }
    }

    /** The strategy. */
    @Param
    public Algorithm algorithm = Algorithm.ROUND_ROBIN;

    /** Makes the pool. */
    @Setup(Level.Trial)
    public void open() {
        open(algorithm.balancer, algorithm.weighted);
        if (algorithm == Algorithm.REPORTED_LOAD) {
            // Without reports the servers take turns, so each gets its own.
            for (int i = 0; i < servers; i++) {
                try (Attempt attempt = pool.pick()) {
                    attempt.report(new LoadReport(0, 0.1 + i % 5 * 0.2, 0, 100, 0, Map.of()));
                }
            }
        }
    }

    /**
     * Picks and completes.
     *
     * @return the attempt, so that it is not optimized away
     */
    @Benchmark
    public Attempt pickAndComplete() {
        Attempt attempt = pool.pick();
        attempt.complete(Outcome.SUCCESS);
        return attempt;
    }
}
