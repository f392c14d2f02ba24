package io.lbclient;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The default strategy: looks at several servers and picks the one with the least expected wait.
 *
 * <p>The expected wait of a server is what an answer takes there, times how many would be waiting for one. What an
 * answer takes is the greater of what its last answers took and the mean age of what it has not answered, or a server
 * that swallows requests would look idle until its first timeout. The last answers are averaged without regard to peaks:
 * a peak would keep the traffic away, and with it the answers that show that it was only one, for as long as it takes to
 * decay. Failures raise the cost, or a server that fails fast would
 * look fast. The figures are this client's own, so many clients do not run to the same server as they would after
 * figures that they share.
 */
final class AdaptiveBalancer implements Balancer {
    static final AdaptiveBalancer INSTANCE = new AdaptiveBalancer();

    /** More looks find a better server, and cost more; up to this many servers all are looked at. */
    private static final int LOOKS = 9;

    /**
     * Costs that differ by less than this are equal: without it, of two servers at 5.0 and 5.1 ms an idle client would
     * use only the first.
     */
    private static final double INDIFFERENCE = 0.5;

    /** A server all of whose answers are failures costs this many times more than one without. */
    private static final double FAILURE_FACTOR = 50;

    /** Stands in for a latency of which nothing is known, so that the in-flight count decides. */
    private static final double UNKNOWN_NANOS = 1_000_000;

    /**
     * One pick of this many looks at a single server, whatever it is thought to cost: a server that was slow gets no
     * requests, and without any, nothing would show that it is fast again.
     */
    private static final int TRICKLE = 64;

    private static final double MOSTLY_FAILING = 0.5;

    private AdaptiveBalancer() {}

    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        Candidate[] servers = candidates.toArray(Candidate[]::new);
        double[] weights = candidates.stream().mapToDouble(Candidate::weight).toArray();
        boolean unweighted = candidates.stream().allMatch(c -> c.weight() == 0);
        if (unweighted) {
            Arrays.fill(weights, 1.0);
        }
        double heaviest = Arrays.stream(weights).max().orElse(1.0);
        return context -> {
            Candidate server = trickle(servers, weights, heaviest, context);
            return server != null ? server : pick(servers, weights, context);
        };
    }

    /**
     * Null if this pick is an ordinary one. A server that has something to answer will show how it does without another
     * request, and one that mostly fails is for the health monitors to try.
     */
    private static @Nullable Candidate trickle(
            Candidate[] servers, double[] weights, double heaviest, PickContext context) {
        RandomGenerator random = context.random();
        if (random.nextInt(TRICKLE) != 0) {
            return null;
        }
        int at = random.nextInt(servers.length);
        boolean admitted = random.nextDouble() * heaviest < weights[at];
        Candidate server = servers[at];
        return admitted && server.inFlight() == 0 && server.failureRate(context.now()) < MOSTLY_FAILING ? server : null;
    }

    private static Candidate pick(Candidate[] servers, double[] weights, PickContext context) {
        int n = servers.length;
        RandomGenerator random = context.random();
        int looks = Math.min(n, LOOKS);
        // With few servers all are seen, from a random one on; with many, each look is a draw of its own.
        int at = random.nextInt(n);
        Candidate best = servers[at];
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < looks; i++) {
            double cost = cost(servers[at], context.now()) / weights[at] * (1 + INDIFFERENCE * random.nextDouble());
            if (cost < least) {
                least = cost;
                best = servers[at];
            }
            at = n <= LOOKS ? (at + 1 == n ? 0 : at + 1) : random.nextInt(n);
        }
        return best;
    }

    private static double cost(Candidate server, long now) {
        double latency = server.typicalLatencyNanos(now);
        if (latency == 0) {
            latency = UNKNOWN_NANOS;
        }
        double answer = Math.max(latency, (double) server.outstandingAgeNanos(now));
        return answer * (server.inFlight() + 1) * (1 + FAILURE_FACTOR * server.failureRate(now));
    }
}
