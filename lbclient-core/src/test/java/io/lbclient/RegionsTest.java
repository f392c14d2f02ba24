package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.balancer.Balancers;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What DNS-based balancing offers, said with tiers and zones: the recipes of docs/failover.md. */
class RegionsTest {
    private final PoolFixture fixture = new PoolFixture();
    private final JudgedPool judge = new JudgedPool();

    private ServerPoolBuilder builder() {
        return fixture.builder().balancer(Balancers.roundRobin()).healthMonitors(judge);
    }

    /** Ten servers of a region, the zone of each being its region. */
    private static List<Server> region(String name, int tier) {
        return IntStream.range(0, 10)
                .mapToObj(i -> PoolFixture.server(name + i).withZone(name).withTier(tier))
                .toList();
    }

    private static List<Server> all(List<List<Server>> regions) {
        return regions.stream().flatMap(List::stream).toList();
    }

    private void fail(String region, int count) {
        for (int i = 0; i < count; i++) {
            judge.raise(region + i, HealthCause.ACTIVE_CHECK);
        }
        fixture.settle();
    }

    private void heal(String region, int count) {
        for (int i = 0; i < count; i++) {
            judge.clear(region + i, HealthCause.ACTIVE_CHECK);
        }
        fixture.settle();
    }

    /** Each region's share of the picks. */
    private static Map<String, Double> shares(ServerPool pool) {
        int picks = 20_000;
        return IntStream.range(0, picks)
                .mapToObj(i -> {
                    try (Attempt attempt = pool.pick()) {
                        return attempt.server().zone();
                    }
                })
                .collect(Collectors.groupingBy(Function.identity(), Collectors.summingDouble(zone -> 1.0 / picks)));
    }

    private static void assertShare(ServerPool pool, String region, double share) {
        assertThat(shares(pool).getOrDefault(region, 0.0)).as(region).isCloseTo(share, within(0.02));
    }

    @Test
    @DisplayName("region failover: the second region steps in for what the first one lacks, and steps back")
    void regionFailover() {
        ServerPool pool = builder()
                .servers(all(List.of(region("frankfurt", 0), region("dublin", 1))))
                .build();
        assertShare(pool, "frankfurt", 1);
        fail("frankfurt", 5);
        assertShare(pool, "dublin", 0.3);
        fail("frankfurt", 10);
        assertShare(pool, "dublin", 1);
        heal("frankfurt", 10);
        assertShare(pool, "frankfurt", 1);
    }

    @Test
    @DisplayName("latency-preferring: tiers in the order of measured round trips serve in that order")
    void latencyPreferring() {
        Map<String, Integer> roundTripMillis = Map.of("oregon", 140, "dublin", 25, "frankfurt", 4);
        List<String> nearest = roundTripMillis.keySet().stream()
                .sorted(Comparator.comparing(roundTripMillis::get))
                .toList();
        ServerPool pool = builder()
                .servers(nearest.stream()
                        .flatMap(name -> region(name, nearest.indexOf(name)).stream())
                        .toList())
                .build();
        assertShare(pool, "frankfurt", 1);
        fail("frankfurt", 10);
        assertShare(pool, "dublin", 1);
        fail("dublin", 10);
        assertShare(pool, "oregon", 1);
        heal("dublin", 10);
        assertShare(pool, "dublin", 1);
    }

    @Test
    @DisplayName("geographic order: one's own country, then the continent, then the world, each spread within itself")
    void geographicOrder() {
        ServerPool pool = builder()
                .servers(
                        all(List.of(region("germany", 0), region("france", 1), region("spain", 1), region("japan", 2))))
                .build();
        assertShare(pool, "germany", 1);
        fail("germany", 10);
        assertShare(pool, "france", 0.5);
        assertShare(pool, "spain", 0.5);
        fail("france", 10);
        fail("spain", 10);
        assertShare(pool, "japan", 1);
    }

    @Test
    @DisplayName("weighted: regions get their weights, and a region that is ill less than its weight")
    void weighted() {
        ServerPool pool = builder()
                .servers(all(List.of(region("frankfurt", 0), region("dublin", 0))))
                .zoneAffinity(ZoneAffinity.weighted(Map.of("frankfurt", 3.0, "dublin", 1.0)))
                .build();
        assertShare(pool, "dublin", 0.25);
        fail("frankfurt", 10);
        assertShare(pool, "dublin", 1);
    }

    @Test
    @DisplayName("one's own zone first: it keeps what its servers are good for, and the rest is spread")
    void ownZoneFirst() {
        ServerPool pool = builder()
                .servers(all(List.of(region("a", 0), region("b", 0), region("c", 0))))
                .zoneAffinity(ZoneAffinity.preferring("a"))
                .build();
        assertShare(pool, "a", 1);
        fail("a", 5);
        double kept = shares(pool).get("a");
        assertThat(kept).as("neither all nor nothing").isBetween(0.4, 0.9);
        assertShare(pool, "b", (1 - kept) / 2);
    }

    @Test
    @DisplayName("active-active: with one tier all are in use; active-standby: the same servers with two")
    void activeActiveAndActiveStandbyAreTwoSettingsOfOneThing() {
        ServerPool pool =
                builder().servers(all(List.of(region("a", 0), region("b", 0)))).build();
        assertShare(pool, "b", 0.5);
        pool.update(all(List.of(region("a", 0), region("b", 1))));
        assertShare(pool, "b", 0);
    }
}
