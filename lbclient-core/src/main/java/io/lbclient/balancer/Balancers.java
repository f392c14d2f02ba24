package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;

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
     * Returns random choice: each server with the same chance. Weights are ignored, but weight 0 means no chance.
     *
     * @return random choice
     */
    public static Balancer random() {
        return (candidates, previous) -> {
            var servers = candidates.toArray(Candidate[]::new);
            return context -> servers[context.random().nextInt(servers.length)];
        };
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
