package io.lbclient.discovery;

import static io.lbclient.discovery.Guarded.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Server;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DifferenceTest {
    @Test
    void whoLeavesAndWhoJoinsIsWhatSetsSayWhateverTheOrder() {
        Random random = new Random(5);
        for (int round = 0; round < 2_000; round++) {
            List<Server> before = some(random);
            List<Server> after = random.nextBoolean() ? some(random) : edited(before, random);
            Difference difference = Difference.between(before, after);

            assertThat(ids(difference.leaving())).isEqualTo(without(before, after));
            assertThat(ids(difference.joining())).isEqualTo(without(after, before));
            assertThat(difference.isNone()).isEqualTo(before.equals(after));
            // Whatever is not named is in both, with the same settings.
            List<Server> rest = new ArrayList<>(after);
            difference.come().forEach(rest::remove);
            assertThat(before).containsAll(rest);
        }
    }

    private static List<Server> some(Random random) {
        List<Server> servers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            if (random.nextBoolean()) {
                servers.add(server("s" + i).withWeight(random.nextInt(5) == 0 ? 2 : 1));
            }
        }
        if (random.nextInt(4) == 0) {
            Collections.shuffle(servers, random);
        }
        return servers;
    }

    private static List<Server> edited(List<Server> servers, Random random) {
        List<Server> edited = new ArrayList<>(servers);
        for (int i = random.nextInt(4); i > 0 && !edited.isEmpty(); i--) {
            edited.remove(random.nextInt(edited.size()));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            edited.add(random.nextInt(edited.size() + 1), server("new" + i));
        }
        return edited;
    }

    private static Set<String> ids(List<Server> servers) {
        return servers.stream().map(Server::id).collect(Collectors.toSet());
    }

    private static Set<String> without(List<Server> some, List<Server> others) {
        Set<String> ids = new HashSet<>(ids(some));
        ids.removeAll(ids(others));
        return ids;
    }
}
