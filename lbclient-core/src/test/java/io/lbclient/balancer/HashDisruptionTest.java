package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.Server;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys stay where they are: what a server that leaves, joins or gets another weight moves, and what it does not. */
class HashDisruptionTest {
    private static final int N = 10;

    static Set<Hashing> strict() {
        return Hashing.MOVES_ONLY_WHAT_MUST_MOVE;
    }

    /** Bug of a peer: jump over a sorted list moved 98.9 % of the keys when the first of ten servers left. */
    @ParameterizedTest
    @MethodSource("strict")
    void aServerThatLeavesMovesItsOwnKeysAndNoOthers(Hashing algorithm) {
        Balancer balancer = algorithm.balancer();
        for (int n : new int[] {2, 10, 50}) {
            List<Candidate> all = Keys.candidates(n);
            Balancer.Picker picker = balancer.picker(all, null);
            Candidate[] before = Keys.picks(picker);
            for (int gone : new int[] {0, n / 2, n - 1}) {
                Candidate left = all.get(gone);
                Candidate[] after = Keys.picks(balancer.picker(Keys.without(all, gone), picker));
                int moved = 0;
                for (int i = 0; i < Keys.COUNT; i++) {
                    if (before[i] != after[i]) {
                        moved++;
                        assertThat(before[i]).as("key%d", i).isSameAs(left);
                    }
                }
                // 160 points make shares that differ by some percent; the bound is on what leaves, so it is absolute.
                assertThat((double) moved / Keys.COUNT).isBetween(0.5 / n, 1.0 / n + 0.1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("strict")
    void aServerThatJoinsTakesKeysButMovesNoneBetweenTheOthers(Hashing algorithm) {
        Balancer balancer = algorithm.balancer();
        List<Candidate> all = Keys.candidates(11);
        Balancer.Picker picker = balancer.picker(all.subList(0, 10), null);
        Candidate[] before = Keys.picks(picker);
        Candidate[] after = Keys.picks(balancer.picker(all, picker));
        int moved = 0;
        for (int i = 0; i < Keys.COUNT; i++) {
            if (before[i] != after[i]) {
                moved++;
                assertThat(after[i]).isSameAs(all.get(10));
            }
        }
        assertThat((double) moved / Keys.COUNT).isBetween(0.06, 0.12);
    }

    /** An ejection that ends puts everything back, so caches on the servers stay warm. */
    @ParameterizedTest
    @MethodSource("strict")
    void aServerThatComesBackGetsItsOwnKeysBack(Hashing algorithm) {
        Balancer balancer = algorithm.balancer();
        List<Candidate> all = Keys.candidates(7);
        Balancer.Picker picker = balancer.picker(all, null);
        Candidate[] before = Keys.picks(picker);
        Balancer.Picker gone = balancer.picker(Keys.without(all, 2), picker);
        assertThat(Keys.picks(balancer.picker(all, gone))).isEqualTo(before);
    }

    /** The keys of the removed server go where a retry would have gone. */
    @ParameterizedTest
    @MethodSource("strict")
    void theNextServerOfAKeyIsWhereItGoesWhenItsServerLeaves(Hashing algorithm) {
        Balancer balancer = algorithm.balancer();
        List<Candidate> all = Keys.candidates(9);
        Balancer.Picker picker = balancer.picker(all, null);
        Balancer.Picker rest = balancer.picker(Keys.without(all, 4), picker);
        Keys.Pick pick = new Keys.Pick();
        int checked = 0;
        for (int i = 0; i < 5000; i++) {
            Candidate first = picker.pick(pick.of("key" + i).after(List.of()));
            if (first == all.get(4)) {
                Candidate retry = picker.pick(pick.after(List.of(first)));
                assertThat(rest.pick(pick.after(List.of()))).isSameAs(retry);
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(200);
    }

    /** Envoy's ring is kept at its least size, so what leaves is made up for by more entries of the others. */
    @Test
    void envoysOwnRingSizeMovesAboutTwiceWhatItMust() {
        Balancer balancer = Balancers.ringHash(Keys.KEY).build();
        List<Candidate> all = Keys.candidates(10);
        Candidate[] before = Keys.picks(balancer.picker(all, null));
        Candidate[] after = Keys.picks(balancer.picker(Keys.without(all, 4), null));
        assertThat(moved(before, after)).isBetween(0.1, 0.2);
    }

    /** Measured by others with the same table size: 0.127, 0.035, 0.0135 and 0.011 of the places change. */
    @ParameterizedTest
    @CsvSource({"8, 0.14", "32, 0.040", "128, 0.016", "256, 0.013"})
    void maglevMovesAsFewKeysAsPublished(int n, double most) {
        Balancer balancer = Balancers.maglev(Keys.KEY).build();
        List<Candidate> all = Keys.candidates(n);
        Candidate[] before = Keys.picks(balancer.picker(all, null));
        double sum = 0;
        for (int gone : new int[] {0, n / 2, n - 1}) {
            sum += moved(before, Keys.picks(balancer.picker(Keys.without(all, gone), null)));
        }
        assertThat(sum / 3).isBetween(0.8 / n, most);
    }

    private static double moved(Candidate[] before, Candidate[] after) {
        int moved = 0;
        for (int i = 0; i < before.length; i++) {
            moved += before[i] == after[i] ? 0 : 1;
        }
        return (double) moved / before.length;
    }

    /**
     * One of ten leaves: at most its share and a tenth of all keys move (a seventh with Envoy's ring), and between those that stay no more than is said
     * here. Rings whose size is fixed by the number of servers and the least weight, Envoy's and weighted ketama, deal out
     * their points anew; Maglev fills its table anew.
     */
    @ParameterizedTest
    @CsvSource({
        "RING_HASH, false, 0.09",
        "RING_HASH, true, 0.12",
        "RING_OF_FIXED_ENTRIES, true, 0",
        "NGINX_CONSISTENT, true, 0",
        "KETAMA, true, 0.06",
        "RENDEZVOUS, true, 0",
        "MAGLEV, false, 0.005",
        "MAGLEV, true, 0.01"
    })
    void oneOfTenLeaves(Hashing algorithm, boolean weighted, double mostBetweenSurvivors) {
        double[] weights = new double[N];
        Arrays.setAll(weights, i -> weighted ? 1 + i % 4 : 1);
        double total = Arrays.stream(weights).sum();
        List<Server> servers =
                Keys.servers(N, i -> Server.of("10.1.0." + i, 8080).withWeight(weights[i]));
        List<Candidate> all = Keys.candidates(servers);
        Balancer balancer = algorithm.balancer();
        Candidate[] before = Keys.picks(balancer.picker(all, null));
        double worst = 0;
        for (int gone = 0; gone < N; gone++) {
            Candidate[] after = Keys.picks(balancer.picker(Keys.without(all, gone), null));
            int moved = 0;
            int between = 0;
            for (int i = 0; i < Keys.COUNT; i++) {
                if (before[i] != after[i]) {
                    moved++;
                    between += before[i] == all.get(gone) ? 0 : 1;
                }
            }
            worst = Math.max(worst, (double) between / Keys.COUNT);
            assertThat((double) moved / Keys.COUNT)
                    .as("moved by server %d", gone)
                    .isBetween(
                            0.6 * weights[gone] / total,
                            weights[gone] / total + 0.1 + (algorithm == Hashing.RING_HASH ? 0.05 : 0));
        }
        assertThat(worst).as("moved between those that stay").isLessThanOrEqualTo(mostBetweenSurvivors);
    }

    /** A greater weight draws keys to its server; none moves between the others. */
    @ParameterizedTest
    @EnumSource(names = {"NGINX_CONSISTENT", "RING_OF_FIXED_ENTRIES", "RENDEZVOUS"})
    void aGreaterWeightOnlyDrawsKeys(Hashing algorithm) {
        Balancer balancer = algorithm.balancer();
        List<Server> servers = Keys.servers(10, i -> Server.of("10.1.0." + i, 80));
        List<Server> heavier = new ArrayList<>(servers);
        heavier.set(3, servers.get(3).withWeight(2));
        Candidate[] before = Keys.picks(Keys.picker(balancer, servers));
        Candidate[] after = Keys.picks(Keys.picker(balancer, heavier));
        int moved = 0;
        for (int i = 0; i < Keys.COUNT; i++) {
            if (!before[i].server().id().equals(after[i].server().id())) {
                moved++;
                assertThat(after[i].server().id()).isEqualTo(servers.get(3).id());
            }
        }
        assertThat(moved).isBetween(5_000, 12_000);
    }

    @Test
    void ipHashKeepsTheNumbersWhileAServerIsAwayAndNumbersAnewWhenAnotherJoins() throws Exception {
        Balancer balancer = Balancers.ipHash().build();
        List<Candidate> all = Keys.candidates(6);
        Balancer.Picker five = balancer.picker(all.subList(0, 5), null);
        Balancer.Picker four = balancer.picker(Keys.without(all.subList(0, 5), 1), five);
        Balancer.Picker back = balancer.picker(all.subList(0, 5), four);
        Balancer.Picker six = balancer.picker(all, four);
        Balancer.Picker fresh = balancer.picker(all, null);
        Balancer.Picker two = balancer.picker(all.subList(0, 2), five);
        Balancer.Picker freshTwo = balancer.picker(all.subList(0, 2), null);
        int moved = 0;
        for (int i = 0; i < 2000; i++) {
            InetAddress client = InetAddress.getByAddress(new byte[] {10, (byte) (i >> 8), (byte) i, 1});
            Keys.Pick pick = new Keys.Pick().of(client);
            Candidate before = five.pick(pick);
            if (before == all.get(1)) {
                // nginx hashes the address once more when a server is down.
                assertThat(four.pick(pick))
                        .isSameAs(five.pick(new Keys.Pick().of(client).after(List.of(before))));
                moved++;
            } else {
                assertThat(four.pick(pick)).isSameAs(before);
            }
            assertThat(back.pick(pick)).isSameAs(before);
            assertThat(six.pick(pick)).isSameAs(fresh.pick(pick));
            assertThat(two.pick(pick)).isSameAs(freshTwo.pick(pick));
        }
        assertThat(moved).isBetween(300, 500);
    }
}
