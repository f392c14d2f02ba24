package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZoneAffinityTest {
    private final PoolFixture fixture = new PoolFixture();

    private static List<Server> servers(Map<String, Integer> zones) {
        List<Server> servers = new ArrayList<>();
        zones.forEach((zone, count) -> {
            for (int i = 0; i < count; i++) {
                servers.add(PoolFixture.server(zone + i).withZone(zone));
            }
        });
        return servers;
    }

    private ServerPool pool(ZoneAffinity affinity, Map<String, Integer> zones) {
        return fixture.builder()
                .balancer(PoolFixture.ANY)
                .zoneAffinity(affinity)
                .servers(servers(zones))
                .build();
    }

    private static Map<String, Double> shares(ServerPool pool) {
        int picks = 100_000;
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < picks; i++) {
            try (Attempt attempt = pool.pick()) {
                shares.merge(attempt.server().zone(), 1.0 / picks, Double::sum);
            }
        }
        return shares;
    }

    @Test
    void aZoneWithItsPartOfTheServersKeepsAllItsRequests() {
        assertThat(shares(pool(ZoneAffinity.preferring("a"), Map.of("a", 3, "b", 3, "c", 3))))
                .containsOnlyKeys("a");
    }

    @Test
    void aZoneThatIsShortSendsOnWhatIsMissingInProportionToWhatOthersHaveToSpare() {
        // Envoy's example: clients 40/40/20 %, servers 25/50/25 %.
        ZoneAffinity affinity = ZoneAffinity.preferring("a").withClients(Map.of("a", 40.0, "b", 40.0, "c", 20.0));

        Map<String, Double> shares = shares(pool(affinity, Map.of("a", 5, "b", 10, "c", 5)));

        assertThat(shares.get("a")).isCloseTo(0.625, within(0.01));
        assertThat(shares.get("b")).isCloseTo(0.375 * 2 / 3, within(0.01));
        assertThat(shares.get("c")).isCloseTo(0.375 / 3, within(0.01));
    }

    @ParameterizedTest(name = "servers {0}/{1}/{2}: {3} stay")
    @CsvSource({"1, 2, 2, 0.6", "5, 5, 6, 0.9375", "2, 5, 5, 0.5"})
    void withEvenClientsTheOwnZoneKeepsWhatItsServersAreGoodFor(int a, int b, int c, double stay) {
        ZoneAffinity affinity = ZoneAffinity.preferring("a").withMinServers(5);

        Map<String, Double> shares = shares(pool(affinity, Map.of("a", a, "b", b, "c", c)));

        assertThat(shares.get("a")).isCloseTo(stay, within(0.01));
    }

    @Test
    void everyServerGetsTheSameWhenTheClientsOfAllZonesAreTakenTogether() {
        Map<String, Double> total = new HashMap<>();
        Map<String, Integer> servers = Map.of("a", 4, "b", 5, "c", 5);
        for (String zone : servers.keySet()) {
            shares(pool(ZoneAffinity.preferring(zone), servers)).forEach((z, s) -> total.merge(z, s, Double::sum));
        }

        servers.forEach((zone, count) -> assertThat(total.get(zone) / count).isCloseTo(3.0 / 14, within(0.005)));
    }

    @Test
    void withTooFewServersZonesAreNotToldApart() {
        assertThat(shares(pool(ZoneAffinity.preferring("a"), Map.of("a", 2, "b", 3)))
                        .get("b"))
                .isCloseTo(0.6, within(0.01));
    }

    @Test
    void whenTheOwnZoneIsDownTheOthersServe() {
        ServerPool pool = pool(ZoneAffinity.preferring("a").withMinServers(0), Map.of("a", 2, "b", 3, "c", 3));
        pool.drain("a0");
        pool.drain("a1");

        assertThat(shares(pool)).containsOnlyKeys("b", "c");
    }

    @Test
    void aZoneWhoseServersAllHaveWeightZeroGetsNothing() {
        ServerPool pool = pool(ZoneAffinity.preferring("a").withMinServers(0), Map.of("a", 2, "b", 3, "c", 3));
        pool.operator("anna").weight("a0", 0);
        pool.operator("anna").weight("a1", 0);

        assertThat(shares(pool)).containsOnlyKeys("b", "c");
    }

    @ParameterizedTest(name = "{0} of 100 healthy in the zone of weight 1: {1}")
    @CsvSource({"100, 0.333", "70, 0.329", "69, 0.324", "50, 0.259", "25, 0.149", "0, 0.0"})
    void weightsShrinkWithTheHealthOfTheirZoneAsInEnvoysTable(int healthy, double share) {
        ZoneAffinity affinity = ZoneAffinity.weighted(Map.of("x", 1.0, "y", 2.0));

        Map<String, Double> split = affinity.split(
                healthy == 0 ? Map.of("y", 100) : Map.of("x", healthy, "y", 100), Map.of("x", 100, "y", 100), 140);

        assertThat(split.getOrDefault("x", 0.0)).isCloseTo(share, within(0.01));
    }

    @Test
    void badNumbersAreRefused() {
        assertThatThrownBy(() -> ZoneAffinity.weighted(Map.of("a", -1.0)))
                .hasMessage("weight: -1.0 (expected: finite and >= 0)");
        assertThatThrownBy(() -> ZoneAffinity.preferring("a").withMinServers(-1))
                .hasMessage("minServers: -1 (expected: >= 0)");
        assertThatThrownBy(() -> ZoneAffinity.preferring("")).hasMessageContaining("zone");
    }
}
