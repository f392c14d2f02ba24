package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.Server;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The vectors of the algorithms that number the servers, or score them. */
class SlotVectorsTest {
    private static List<Server> loopback(int firstPort, int count) {
        return Keys.servers(count, i -> Server.of("127.0.0.1", firstPort + i));
    }

    private static Placement placement(HashBalancerBuilder settings, List<Server> servers) {
        return ((PlacedPicker) Keys.picker(settings.build(), servers)).placement;
    }

    private static InetAddress address(String text) throws Exception {
        return InetAddress.getByName(text);
    }

    // Maglev

    @Test
    void theMaglevTableOfEnvoysTestIsTheSame() {
        Maglev maglev = (Maglev) placement(Balancers.maglev(Keys.KEY).tableSize(7), loopback(90, 6));
        assertThat(Arrays.stream(maglev.table()).map(i -> i + 90)).containsExactly(92, 94, 90, 91, 95, 90, 93);
    }

    @Test
    void theMaglevTableOfEnvoysWeightedTestIsTheSame() {
        List<Server> servers =
                List.of(Server.of("127.0.0.1", 90), Server.of("127.0.0.1", 91).withWeight(2));
        Maglev maglev = (Maglev) placement(Balancers.maglev(Keys.KEY).tableSize(17), servers);
        assertThat(Arrays.stream(maglev.table()).map(i -> i + 90))
                .containsExactly(91, 90, 90, 91, 90, 91, 91, 90, 91, 91, 91, 91, 91, 90, 91, 90, 91);
    }

    /** Envoy's steps: in the second round twice the half weight is not less than the whole one, so the lighter has a turn. */
    @Test
    void aServerOfHalfTheWeightHasItsSecondMaglevTurnInTheSecondRound() {
        List<Server> servers =
                List.of(Server.of("127.0.0.1", 90), Server.of("127.0.0.1", 91).withWeight(2));
        Maglev maglev = (Maglev) placement(Balancers.maglev(Keys.KEY).tableSize(3), servers);
        assertThat(Arrays.stream(maglev.table()).filter(i -> i == 0)).hasSize(2);
    }

    @Test
    void theMaglevTableSharesByWeightAsEnvoyDocuments() {
        List<Server> servers =
                List.of(Server.of("127.0.0.1", 90), Server.of("127.0.0.1", 91).withWeight(2));
        Maglev maglev = (Maglev) placement(Balancers.maglev(Keys.KEY), servers);
        assertThat(Arrays.stream(maglev.table()).filter(i -> i == 0).count()).isEqualTo(21_846);
        assertThat(Arrays.stream(maglev.table()).filter(i -> i == 1).count()).isEqualTo(43_691);
    }

    /** Envoy sorts by name, so that a list in another order gives the same table. */
    @Test
    void theMaglevTableDoesNotDependOnTheOrderOfTheList() {
        List<Server> reversed = new ArrayList<>(loopback(90, 6));
        java.util.Collections.reverse(reversed);
        Maglev maglev = (Maglev) placement(Balancers.maglev(Keys.KEY).tableSize(7), reversed);
        assertThat(Arrays.stream(maglev.table()).map(i -> 95 - i)).containsExactly(92, 94, 90, 91, 95, 90, 93);
    }

    /** Envoy: for attempt a the hash is joined by exclusive or with ~0 - a + 1. */
    @Test
    void aMaglevRetryLooksWhereEnvoyLooks() {
        Placement maglev = placement(Balancers.maglev(Keys.KEY).tableSize(7), loopback(90, 6));
        long hash = 0x1234_5678_9abc_def0L;
        long place = maglev.first(hash);
        assertThat(place).isEqualTo(hash);
        for (int attempt = 1; attempt < 10; attempt++) {
            place = maglev.next(null, place, attempt);
            assertThat(place).isEqualTo(hash ^ (~0L - attempt + 1));
        }
    }

    // Jump

    private static String jumps(long key, int from, int until) {
        return IntStream.rangeClosed(from, until)
                .mapToObj(n -> String.valueOf(JumpHash.bucket(key, n)))
                .collect(Collectors.joining(" "));
    }

    private static String times(String... values) {
        return Arrays.stream(values)
                .map(v -> v.split("x"))
                .map(v -> (v[0] + " ").repeat(v.length == 1 ? 1 : Integer.parseInt(v[1])))
                .collect(Collectors.joining())
                .strip();
    }

    @Test
    void jumpBucketsAreAsGoJumpTestsThem() {
        assertThat(jumps(0, 1, 19)).isEqualTo(times("0x19"));
        assertThat(jumps(1, 1, 19)).isEqualTo(times("0x6", "6x11", "17", "17"));
        assertThat(jumps(0xdeadbeefL, 1, 19)).isEqualTo(times("0", "1", "2", "3x2", "5x11", "16x3"));
        assertThat(jumps(0x0ddc0ffeebadf00dL, 1, 19)).isEqualTo(times("0", "1", "2x13", "15x4"));
    }

    @Test
    void jumpBucketsOfAHundredAreAsPublished() {
        int[] expected = {0, 55, 62, 8, 45, 59, 86, 97, 82, 59, 73, 37, 17, 56, 86, 21, 90, 37, 38, 83};
        assertThat(IntStream.range(0, 20).map(key -> JumpHash.bucket(key, 100))).containsExactly(boxed(expected));
    }

    private static Integer[] boxed(int[] values) {
        return Arrays.stream(values).boxed().toArray(Integer[]::new);
    }

    @ParameterizedTest
    @CsvSource({
        "10863919174838991, 11, 6",
        "2016238256797177309, 11, 3",
        "1673758223894951030, 11, 5",
        "2, 100001, 80343",
        "2201, 100001, 22152",
        "2202, 100001, 15018",
        "3735928559, 100, 87",
        "256, 1024, 520",
        "10, 10, 7",
        "-1, 1, 0"
    })
    void jumpBucketsOfSingleKeysAreAsPublished(long key, int buckets, int expected) {
        assertThat(JumpHash.bucket(key, buckets)).isEqualTo(expected);
    }

    @Test
    void jumpHashNumbersTheServersInTheOrderOfTheList() {
        Balancer.Picker picker = Keys.picker(Balancers.jumpHash(Keys.KEY).build(), loopback(1000, 100));
        for (int i = 0; i < 500; i++) {
            int bucket = JumpHash.bucket(XxHash64.hash("key" + i, 0), 100);
            assertThat(Keys.pick(picker, "key" + i)).isEqualTo("127.0.0.1:" + (1000 + bucket));
        }
    }

    // Rendezvous

    /** The scores for the names a, b and c of weights 1, 2 and 3, by XXH64 of {@code key|name}. */
    @ParameterizedTest
    @CsvSource({"k0, c, 6.886781", "k1, c, 2.870950", "k2, b, 10.936395", "k3, c, 8.194587", "k4, c, 6.397426"})
    void rendezvousScoresAreAsComputed(String key, char winner, double score) {
        double[] scores = IntStream.range(0, 3)
                .mapToDouble(i ->
                        Rendezvous.score(Rendezvous.uniform(XxHash64.hash(key + "|" + (char) ('a' + i), 0)), i + 1))
                .toArray();
        assertThat(scores[winner - 'a']).isCloseTo(score, org.assertj.core.api.Assertions.within(1e-6));
        assertThat(Arrays.stream(scores).max().orElseThrow()).isEqualTo(scores[winner - 'a']);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1})
    void noHashHasAScoreThatIsNotANumber(long hash) {
        assertThat(Rendezvous.uniform(hash)).isStrictlyBetween(0.0, 1.0);
        assertThat(Rendezvous.score(Rendezvous.uniform(hash), 1)).isPositive().isFinite();
    }

    // nginx

    @ParameterizedTest
    @CsvSource({
        "0.0.0.9, 295, 4219",
        "10.0.0.1, 2565, 1753",
        "10.0.1.255, 2566, 2321",
        "127.0.0.1, 4040, 5510",
        "192.168.1.1, 154, 5654",
        "192.168.2.1, 155, 6222",
        "203.0.113.77, 2592, 4547"
    })
    void ipHashesAreAsComputed(String client, long first, long second) throws Exception {
        Placement placement = placement(Balancers.ipHash(), loopback(90, 3));
        long hash = placement.hash(address(client));
        assertThat(hash).isEqualTo(first);
        assertThat(placement.next(address(client), hash, 1)).isEqualTo(second);
    }

    @ParameterizedTest
    @CsvSource({"127.0.1.1, 4041", "::1, 5945", "2001:db8::1, 2600"})
    void firstIpHashesAreAsComputed(String client, long first) throws Exception {
        assertThat(placement(Balancers.ipHash(), loopback(90, 3)).hash(address(client)))
                .isEqualTo(first);
    }

    /** The tests of nginx: thirty networks are spread evenly over two and three servers, and so are thirty of IPv6. */
    @Test
    void ipHashSpreadsTheClientsOfNginxsTestsEvenly() throws Exception {
        for (int n : new int[] {2, 3}) {
            Balancer.Picker picker = Keys.picker(Balancers.ipHash().build(), loopback(0x5000, n));
            int[] counts = new int[n];
            int[] counts6 = new int[n];
            for (int i = 1; i <= 30; i++) {
                counts[indexOf(picker, address("127.0." + i + ".2"))]++;
                counts6[indexOf(picker, address("::" + Integer.toHexString(i)))]++;
            }
            assertThat(counts).containsOnly(30 / n);
            assertThat(counts6).containsOnly(30 / n);
        }
    }

    private static int indexOf(Balancer.Picker picker, Object key) {
        return Integer.parseInt(Keys.pick(picker, key).substring(10)) - 0x5000;
    }

    @ParameterizedTest
    @CsvSource({
        "a, 26807 42472 48132, 2 1 0",
        "foo, 3187 10068 12200, 1 0 2",
        "/index.html, 27170 57374 57984, 2 2 0",
        "user-42, 32006 51509 68565, 2 2 0"
    })
    void plainHashesOfThreeTriesAreAsComputed(String key, String hashes, String indexes) {
        Placement placement = placement(Balancers.nginxHash(Keys.KEY), loopback(90, 3));
        long hash = placement.hash(key);
        List<String> places = new ArrayList<>();
        List<String> owners = new ArrayList<>();
        for (int step = 1; step <= 3; step++) {
            places.add(String.valueOf(hash));
            owners.add(String.valueOf(placement.owner(hash)));
            hash = placement.next(key, hash, step);
        }
        assertThat(String.join(" ", places)).isEqualTo(hashes);
        assertThat(String.join(" ", owners)).isEqualTo(indexes);
    }

    @Test
    void plainHashWalksTheWeights() {
        List<Server> servers = List.of(
                Server.of("127.0.0.1", 90).withWeight(2),
                Server.of("127.0.0.1", 91).withWeight(5),
                Server.of("127.0.0.1", 92));
        Placement placement = placement(Balancers.nginxHash(Keys.KEY), servers);
        assertThat(IntStream.range(0, 16).map(placement::owner))
                .containsExactly(0, 0, 1, 1, 1, 1, 1, 2, 0, 0, 1, 1, 1, 1, 1, 2);
    }

    @Test
    void weightsThatAreNoWholeNumbersAreBroughtToTheSameRelation() {
        assertThat(NginxSlots.whole(new double[] {3, 1, 2})).containsExactly(3, 1, 2);
        assertThat(NginxSlots.whole(new double[] {1.5, 0.5, 1})).containsExactly(3, 1, 2);
        assertThat(NginxSlots.whole(new double[] {0.3, 0.1, 0.2})).containsExactly(3, 1, 2);
        assertThat(NginxSlots.whole(new double[] {10, 2.5, 7})).containsExactly(100, 25, 70);
        assertThat(NginxSlots.whole(new double[] {1e15, 5e14})).containsExactly(2, 1);
        assertThat(NginxSlots.whole(new double[] {1e15, 1})).containsExactly(100, 1);
    }

    /** nginx: a request with an empty key takes its turn in round robin. */
    @Test
    void requestsWithoutAKeyTakeTurnsAsInNginx() {
        for (HashBalancerBuilder settings :
                List.of(Balancers.nginxHash(Keys.KEY), Balancers.nginxConsistentHash(Keys.KEY), Balancers.ipHash())) {
            for (Object missing : new Object[] {null, ""}) {
                Balancer.Picker picker = Keys.picker(settings.build(), loopback(0x5000, 3));
                int[] counts = new int[3];
                for (int i = 0; i < 6; i++) {
                    counts[indexOf(picker, missing)]++;
                }
                assertThat(counts).as(settings.toString()).containsOnly(2);
            }
        }
    }

    /** nginx sends all clients of a unix socket to one server; clients without an address here take turns. */
    @Test
    void clientsWithoutAnAddressAreNotSentToOneServer() {
        Balancer.Picker picker = Keys.picker(Balancers.ipHash().build(), loopback(0x5000, 3));
        int[] counts = new int[3];
        for (int i = 0; i < 30; i++) {
            counts[indexOf(picker, null)]++;
        }
        assertThat(counts).containsOnly(10);
    }

    /** upstream_hash.t of nginx-tests: without a memory of the list before, the plain hash moves keys between the others. */
    @Test
    void plainHashOfAnotherListIsAnotherPlacement() {
        List<Server> three = loopback(0x5000, 3);
        Balancer balancer = Balancers.nginxHash(Keys.KEY).build();
        Balancer.Picker before = Keys.picker(balancer, three);
        Balancer.Picker after = Keys.picker(balancer, List.of(three.get(0), three.get(2)));
        int moved = 0;
        int kept = 0;
        for (int i = 0; i < 1000; i++) {
            String server = Keys.pick(before, "key" + i);
            if (!server.endsWith(":" + 0x5001)) {
                kept++;
                moved += server.equals(Keys.pick(after, "key" + i)) ? 0 : 1;
            }
        }
        assertThat((double) moved / kept).isBetween(0.4, 0.6);
    }

    /** Envoy and gRPC: a request without a key gets a random hash, so weights count as they do for keys. */
    @Test
    void requestsWithoutAKeyGetARandomHashAsInEnvoy() {
        List<Server> servers =
                Keys.servers(3, i -> Server.of("127.0.0.1", 0x5000 + i).withWeight(i + 1));
        for (HashBalancerBuilder settings : List.of(
                Balancers.ringHash(Keys.KEY).minimumRingSize(60_000),
                Balancers.ketama(Keys.KEY),
                Balancers.maglev(Keys.KEY),
                Balancers.rendezvous(Keys.KEY))) {
            Balancer.Picker picker = Keys.picker(settings.build(), servers);
            int[] counts = new int[3];
            Keys.Pick pick = new Keys.Pick();
            for (int i = 0; i < 6000; i++) {
                Candidate picked = picker.pick(pick);
                counts[picked.server().port() - 0x5000]++;
            }
            int slack = settings.toString().equals("ketama") ? 400 : 150;
            for (int i = 0; i < 3; i++) {
                assertThat(counts[i]).as(settings.toString()).isBetween(1000 * (i + 1) - slack, 1000 * (i + 1) + slack);
            }
        }
    }
}
