package io.lbclient.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubsetsTest {
    private static List<Server> servers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Server.of("10.0." + i / 250 + "." + i % 250, 8080))
                .toList();
    }

    @ParameterizedTest(name = "{0} clients, {1} servers, {2} each: at most {3} clients on one server")
    @CsvSource({"100, 100, 5, 15", "100, 100, 25, 40", "100, 10, 5, 65", "500, 10, 5, 600", "2000, 10, 5, 1200"})
    void theRandomSubsetStaysWithinTheBoundsOfGrfcA68(int clients, int count, int size, int most) {
        List<Server> servers = servers(count);
        Random seeds = new Random(42);
        Map<Server, Integer> connections = new HashMap<>();
        for (int i = 0; i < clients; i++) {
            Subsets.random(size, seeds.nextLong())
                    .apply(servers)
                    .forEach(server -> connections.merge(server, 1, Integer::sum));
        }

        assertThat(connections.values()).allSatisfy(c -> assertThat(c).isLessThanOrEqualTo(most));
        assertThat(connections.values().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(clients * size);
    }

    @Test
    void oneServerMoreOrLessChangesAtMostOneMemberOfARandomSubset() {
        List<Server> servers = servers(100);
        for (int seed = 0; seed < 50; seed++) {
            Set<Server> all = new HashSet<>(Subsets.random(20, seed).apply(servers));
            for (Server gone : servers) {
                List<Server> fewer = new ArrayList<>(servers);
                fewer.remove(gone);
                Set<Server> without = new HashSet<>(Subsets.random(20, seed).apply(fewer));
                without.removeAll(all);
                assertThat(without).hasSizeLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void deterministicSubsetsLoadEveryServerAlike() {
        List<Server> servers = servers(300);
        Map<Server, Integer> connections = new HashMap<>();
        for (int client = 0; client < 300; client++) {
            Subsets.deterministic(client, 10)
                    .apply(servers)
                    .forEach(server -> connections.merge(server, 1, Integer::sum));
        }

        assertThat(connections).hasSize(300);
        assertThat(connections.values()).containsOnly(10);
    }

    @Test
    void deterministicSubsetsDoNotDependOnTheOrderOfTheList() {
        List<Server> servers = servers(12);
        List<Server> reversed = new ArrayList<>(servers);
        Collections.reverse(reversed);

        for (int client = 0; client < 10; client++) {
            assertThat(Subsets.deterministic(client, 3).apply(reversed))
                    .isEqualTo(Subsets.deterministic(client, 3).apply(servers));
        }
    }

    @Test
    void aListThatIsNoLongerThanTheSubsetIsUsedWhole() {
        List<Server> servers = servers(5);

        assertThat(Subsets.random(5, 1).apply(servers)).isEqualTo(servers);
        assertThat(Subsets.deterministic(7, 9).apply(servers)).isEqualTo(servers);
    }

    @Test
    void aPoolUsesItsSubsetAndRemembersTheWholeList() {
        try (ServerPool pool = ServerPool.builder("orders")
                .servers(servers(10))
                .subset(Subsets.random(3, 5))
                .build()) {
            assertThat(pool.snapshot().servers()).hasSize(3);

            String gone = pool.snapshot().servers().get(0).server().id();
            assertThat(pool.remove(gone)).isTrue();

            assertThat(pool.snapshot().servers())
                    .hasSize(3)
                    .noneMatch(s -> s.server().id().equals(gone));
        }
    }

    @Test
    void badSettingsAreRefused() {
        assertThatThrownBy(() -> Subsets.random(0, 1)).hasMessage("size: 0 (expected: >= 1)");
        assertThatThrownBy(() -> Subsets.deterministic(-1, 3)).hasMessage("client: -1 (expected: >= 0)");
    }
}
