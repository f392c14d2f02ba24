package io.lbclient.test.sim;

import io.lbclient.balancer.Balancers;
import io.lbclient.balancer.HashKey;
import java.util.List;

/** The strategies that are compared, each with the health monitors that a pool has without being told. */
public final class Strategies {
    private static final List<Strategy> ALL = List.of(
            Strategy.of("adaptive", Balancers.adaptive()),
            Strategy.of("adaptive", Balancers.adaptive()).withReports(),
            Strategy.of("roundRobin", Balancers.roundRobin()),
            Strategy.of("random", Balancers.random()),
            Strategy.of("leastRequests", Balancers.leastRequests()),
            Strategy.of("powerOfTwoChoices", Balancers.powerOfTwoChoices()),
            Strategy.of("peakEwma", Balancers.peakEwma()),
            Strategy.of("leastResponseTime", Balancers.leastResponseTime()),
            Strategy.of("reportedLoad", Balancers.reportedLoad()).withReports().named("reportedLoad"),
            Strategy.seeing("prequal", (pool, servers) -> pool.balancer(Balancers.prequal(servers.prober()))),
            Strategy.of("prequalReports", Balancers.prequalBuilder().build())
                    .withReports()
                    .named("prequalReports"),
            Strategy.of("ringHash", Balancers.ringHash(HashKey.path()).build()),
            Strategy.seeing("omniscient", (pool, servers) -> pool.balancer(servers.omniscient())));

    private Strategies() {}

    /**
     * Returns all of them.
     *
     * @return the strategies, the default one first and the omniscient bound last
     */
    public static List<Strategy> all() {
        return ALL;
    }

    /**
     * Returns one of them.
     *
     * @param name its name, with {@code -health} at the end for one without health monitors
     * @return the strategy
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Strategy named(String name) {
        if (name.endsWith("-health")) {
            return named(name.substring(0, name.length() - "-health".length())).withoutHealth();
        }
        return ALL.stream()
                .filter(strategy -> strategy.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Checks.rejected("strategy", name, "one of " + ALL));
    }
}
