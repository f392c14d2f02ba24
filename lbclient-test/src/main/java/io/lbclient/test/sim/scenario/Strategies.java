package io.lbclient.test.sim.scenario;

import io.lbclient.balancer.Balancers;
import io.lbclient.balancer.HashKey;
import io.lbclient.test.sim.Strategy;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

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

    private static final Map<String, UnaryOperator<Strategy>> SUFFIXES = Map.of(
            "-health", Strategy::withoutHealth,
            "+reports", Strategy::withReports,
            "+stale", Strategy::withStaleReports,
            "+absurd", Strategy::withAbsurdReports);

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
     * @param name its name, with {@code -health} at the end for one without health monitors, or with {@code +reports},
     *     {@code +stale} or {@code +absurd} for servers that report their load, stop measuring it, or report nonsense
     * @return the strategy
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Strategy named(String name) {
        for (Map.Entry<String, UnaryOperator<Strategy>> suffix : SUFFIXES.entrySet()) {
            if (name.endsWith(suffix.getKey())) {
                String base = name.substring(0, name.length() - suffix.getKey().length());
                return suffix.getValue().apply(named(base));
            }
        }
        return ALL.stream()
                .filter(strategy -> strategy.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("strategy: " + name + " (expected: one of " + ALL + ")"));
    }
}
