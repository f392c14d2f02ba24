package io.lbclient.balancer;

import io.lbclient.Balancer;

/** The load-balancing strategies. Each is immutable, safe to share between pools, and holds settings only. */
public final class Balancers {
    private Balancers() {}

    /**
     * Returns the strategy that a pool uses unless told otherwise; see {@link Balancer#adaptive()}.
     *
     * @return the adaptive strategy
     */
    public static Balancer adaptive() {
        return Balancer.adaptive();
    }

    /**
     * Returns round robin: each server in its turn. Weights are ignored, but weight 0 means no turn.
     *
     * <p>The turn starts at a random server and goes on when the list changes.
     *
     * @return round robin
     */
    public static Balancer roundRobin() {
        return new RoundRobin();
    }

    /**
     * Returns smooth weighted round robin: each server in its turn, and more turns the greater its weight, spread out
     * as evenly as they can be. Weights 5, 1 and 1 give {@code a a b a c a a}.
     *
     * <p>The order is that of nginx, from a random place in its period on, as long as the weights stand in the relation
     * of whole numbers that add up to at most 16 384 (fewer with more than 256 servers). For other weights the turns
     * are dealt out as by {@link #staticStride()}, but without its bounds on the weights: the shares are right to
     * 1/65535 of the greatest weight, and the cost grows with the greatest weight's ratio to the mean.
     *
     * @return smooth weighted round robin
     */
    public static Balancer weightedRoundRobin() {
        return new SmoothWeightedRoundRobin();
    }

    /**
     * Returns weighted round robin by the static stride scheduler of gRPC (gRFC A58): turns in proportion to the
     * weights, less evenly spread than {@link #weightedRoundRobin()}, for weights of any size and fraction.
     *
     * <p>As there, a weight counts as at most 10 times and at least a tenth of the mean. Unlike there, weight 0 means
     * no turn.
     *
     * @return the static stride scheduler
     */
    public static Balancer staticStride() {
        return (candidates, previous) -> {
            Weights weights = Weights.of(candidates);
            return weights.equal
                    ? Turns.inOrder(weights.servers, previous)
                    : StaticStride.bounded(weights.servers, weights.shares, Sequenced.positionAfter(previous));
        };
    }

    /**
     * Returns random choice: each server with the same chance. Weights are ignored, but weight 0 means no chance.
     *
     * @return random choice
     */
    public static Balancer random() {
        return RandomChoice.UNIFORM;
    }

    /**
     * Returns weighted random choice: each server with a chance proportional to its weight, drawn from an alias table
     * (Vose), so the cost does not depend on the number of servers.
     *
     * @return weighted random choice
     */
    public static Balancer weightedRandom() {
        return RandomChoice.WEIGHTED;
    }

    /**
     * Returns least requests: of all servers the one with the fewest requests in flight for its weight; among equals
     * one at random. Looks at every server, so its cost grows with their number.
     *
     * @return least requests
     */
    public static Balancer leastRequests() {
        return new LeastRequests();
    }
}
