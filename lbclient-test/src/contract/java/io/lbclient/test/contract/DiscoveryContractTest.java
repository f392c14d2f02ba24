package io.lbclient.test.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.discovery.DiscoveryStatus;
import io.lbclient.discovery.GuardedDiscovery;
import io.lbclient.test.contract.Registry.Fact;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every source of servers is held to, at the real thing. Servers are at 127.0.0.1 and up, all at port 8080. */
public abstract class DiscoveryContractTest {
    private static final int PORT = 8080;

    protected Registry registry;

    /** A new registry that runs and has no servers. */
    protected abstract Registry newRegistry() throws Exception;

    @BeforeEach
    void startTheRegistry() throws Exception {
        registry = newRegistry();
    }

    @AfterEach
    void stopTheRegistry() throws Exception {
        registry.close();
    }

    protected static Server server(int number) {
        return Server.of("127.0.0." + number, PORT);
    }

    private static String address(int number) {
        return "127.0.0." + number + ":" + PORT;
    }

    @Test
    void theFirstServersAreThereWhenThePoolIs() throws Exception {
        registry.put(List.of(server(1), server(2)));
        try (Watched watched = new Watched(registry.source())) {
            assertThat(watched.addresses()).contains(address(1));
            watched.await(servers -> servers.size() == 2);
        }
    }

    @Test
    void serversThatAreAddedAndRemovedReachThePicks() throws Exception {
        registry.put(List.of(server(1), server(2)));
        try (Watched watched = new Watched(registry.source())) {
            watched.await(servers -> servers.size() == 2);
            registry.put(List.of(server(1), server(2), server(3)));
            Duration added = watched.await(servers -> servers.size() == 3);
            assertThat(watched.addresses()).containsExactly(address(1), address(2), address(3));

            registry.put(List.of(server(1), server(3)));
            Duration removed = watched.await(servers -> servers.size() == 2);
            assertThat(watched.addresses()).containsExactly(address(1), address(3));
            assertThat(watched.failedAfter(50)).isZero();
            System.out.printf(
                    "%s: a server added reached the picks after %d ms, one removed after %d ms%n",
                    registry.source(), added.toMillis(), removed.toMillis());
        }
    }

    @Test
    void anotherWeightReachesThePicksAndKeepsTheStatistics() throws Exception {
        assumeTrue(registry.says(Fact.WEIGHT), "this source knows no weights");
        registry.put(List.of(server(1).withWeight(5), server(2).withWeight(5)));
        try (Watched watched = new Watched(registry.source())) {
            watched.await(servers -> servers.stream().filter(s -> s.weight() == 5).count() == 2);
            watched.failedAfter(50);
            long before = picks(watched.pool(), address(1));
            assertThat(before).isPositive();

            registry.put(List.of(server(1).withWeight(7), server(2).withWeight(5)));
            watched.await(servers -> servers.stream().anyMatch(s -> s.weight() == 7));
            assertThat(picks(watched.pool(), address(1))).isGreaterThanOrEqualTo(before);
        }
    }

    private static long picks(ServerPool pool, String address) {
        return pool.snapshot().servers().stream()
                .filter(s -> (s.server().host() + ":" + s.server().port()).equals(address))
                .mapToLong(ServerSnapshot::picks)
                .sum();
    }

    @Test
    void tiersAndZonesReachThePool() throws Exception {
        assumeTrue(registry.says(Fact.TIER) || registry.says(Fact.ZONE), "this source knows neither");
        boolean tiers = registry.says(Fact.TIER);
        boolean zones = registry.says(Fact.ZONE);
        Server second = tiers ? server(2).withTier(1) : server(2);
        registry.put(List.of(server(1), zones ? second.withZone("b") : second));
        try (Watched watched = new Watched(registry.source())) {
            watched.await(servers -> servers.size() == 2);
            Server found = watched.servers().stream()
                    .filter(s -> s.host().equals("127.0.0.2"))
                    .findFirst()
                    .orElseThrow();
            assertThat(found.tier()).isEqualTo(tiers ? 1 : 0);
            assertThat(found.zone()).isEqualTo(zones ? "b" : "");
        }
    }

    @Test
    void whileTheSourceIsGoneTrafficGoesOnAndThenUpdatesFlowAgain() throws Exception {
        registry.put(List.of(server(1), server(2)));
        try (Watched watched = new Watched(registry.source())) {
            watched.await(servers -> servers.size() == 2);
            registry.stop();
            assertThat(watched.failedInOutage()).isZero();
            assertThat(watched.addresses()).containsExactly(address(1), address(2));

            registry.start();
            registry.put(List.of(server(1), server(2), server(3)));
            Duration took = watched.await(servers -> servers.size() == 3);
            assertThat(watched.failed()).isZero();
            System.out.printf(
                    "%s: gone and back, %d picks, 0 failed; the next update reached the picks after %d ms%n",
                    registry.source(), watched.picks(), took.toMillis());
        }
    }

    @Test
    void anEmptyAnswerEmptiesNothing() throws Exception {
        registry.put(List.of(server(1), server(2)));
        try (Watched watched = new Watched(registry.source())) {
            watched.await(servers -> servers.size() == 2);
            registry.put(List.of());
            assertThat(watched.failedAfter(2_000)).isZero();
            // Of two, one may go.
            assertThat(watched.addresses()).hasSizeGreaterThanOrEqualTo(registry.atomic() ? 2 : 1);
        }
    }

    @Test
    void aServerAtAnAddressThatIsRefusedCostsNoneOfTheOthers() throws Exception {
        registry.put(List.of(server(1), Server.of("169.254.169.254", PORT), server(2)));
        try (Watched watched = new Watched(registry.source())) {
            watched.await(servers -> servers.size() == 2);
            assertThat(watched.addresses()).containsExactly(address(1), address(2));
            assertThat(status(registry.source()).refused()).isPositive();
        }
    }

    private static DiscoveryStatus status(ServerDiscovery source) {
        return ((GuardedDiscovery) source).status().get(0);
    }

    @Test
    void theAgeOfTheListIsKnownAndEndsWithThePool() throws Exception {
        registry.put(List.of(server(1)));
        GuardedDiscovery source = (GuardedDiscovery) registry.source();
        try (Watched watched = new Watched(registry.source())) {
            watched.await(servers -> servers.size() == 1);
            assertThat(source.status()).hasSize(1);
            assertThat(status(source).pool()).isEqualTo("orders");
            assertThat(status(source).servers()).isEqualTo(1);
            assertThat(status(source).age()).isGreaterThanOrEqualTo(Duration.ZERO);
            assertThat(status(source).fromSnapshot()).isFalse();
        }
        assertThat(source.status()).isEmpty();
    }

    @Test
    void oneSourceServesTwoPoolsOfWhichOneEnds() throws Exception {
        registry.put(List.of(server(1)));
        try (Watched first = new Watched(registry.source())) {
            try (Watched second = new Watched(registry.source())) {
                second.await(servers -> servers.size() == 1);
            }
            registry.put(List.of(server(1), server(2)));
            first.await(servers -> servers.size() == 2);
            assertThat(first.failed()).isZero();
        }
    }
}
