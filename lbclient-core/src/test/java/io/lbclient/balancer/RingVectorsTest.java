package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The points and choices that the programs we are compatible with publish, or were found to make. */
class RingVectorsTest {
    private static Ring ring(HashBalancerBuilder settings, List<Server> servers) {
        return (Ring) ((PlacedPicker) Keys.picker(settings.build(), servers)).placement;
    }

    private static String at(Ring ring, long hash) {
        return ring.servers[ring.owner(ring.first(hash))].server().id();
    }

    private static List<Server> loopback(int firstPort, int count) {
        return Keys.servers(count, i -> Server.of("127.0.0.1", firstPort + i));
    }

    /** The test "Basic" of Envoy's ring hash: six servers, two entries each. */
    @Test
    void theRingOfEnvoysBasicTestIsTheSamePointForPoint() {
        Ring ring = ring(Balancers.ringHash(Keys.KEY).minimumRingSize(12), loopback(90, 6));
        String[] expected = {
            "94 833437586790550860",
            "92 928266305478181108",
            "90 1033482794131418490",
            "95 3551244743356806947",
            "93 3851675632748031481",
            "91 5583722120771150861",
            "91 6311230543546372928",
            "93 7700377290971790572",
            "95 13144177310400110813",
            "92 13444792449719432967",
            "94 15516499411664133160",
            "90 16117243373044804889"
        };
        assertThat(IntStream.range(0, ring.size())
                        .mapToObj(i -> ring.servers[ring.owner(i)].server().port() + " "
                                + Long.toUnsignedString(ring.point(i))))
                .containsExactly(expected);
        assertThat(at(ring, 0)).endsWith(":94");
        assertThat(at(ring, -1)).endsWith(":94");
        assertThat(at(ring, 3551244743356806947L)).endsWith(":95");
        assertThat(at(ring, 3551244743356806948L)).endsWith(":93");
        assertThat(at(ring, Long.parseUnsignedLong("16117243373044804880"))).endsWith(":90");
    }

    @Test
    void theRingOfEnvoyHasAWholeNumberOfEntriesForTheLeastWeight() {
        // The least share is 1/6 of 1024, which is rounded up to 171 entries, so the ring has 1026.
        List<Server> weighted =
                Keys.servers(3, i -> Server.of("127.0.0.1", 90 + i).withWeight(i + 1));
        Ring ring = ring(Balancers.ringHash(Keys.KEY), weighted);
        int[] entries = new int[3];
        IntStream.range(0, ring.size()).forEach(i -> entries[ring.owner(i)]++);
        assertThat(entries).containsExactly(171, 342, 513);
    }

    @Test
    void theMaximumSizeBoundsARingOfVeryDifferentWeights() {
        List<Server> weighted =
                Keys.servers(3, i -> Server.of("127.0.0.1", 90 + i).withWeight(Math.pow(1000, i)));
        assertThat(ring(Balancers.ringHash(Keys.KEY).maximumRingSize(4096), weighted)
                        .size())
                .isEqualTo(4096);
        assertThat(ring(Balancers.ringHash(Keys.KEY), weighted).size()).isBetween(1_001_001, 1_001_002);
    }

    @Test
    void anEntryCountOfItsOwnGivesEachServerItsWeightTimesThat() {
        List<Server> weighted =
                Keys.servers(3, i -> Server.of("127.0.0.1", 90 + i).withWeight(i + 0.5));
        Ring ring = ring(Balancers.ringHash(Keys.KEY).entriesPerServer(100), weighted);
        int[] entries = new int[3];
        IntStream.range(0, ring.size()).forEach(i -> entries[ring.owner(i)]++);
        assertThat(entries).containsExactly(50, 150, 250);
    }

    /** Source: grpc-java's test of weights 1, 10 and 100: 10 000 picks on rings of 10 000 to 100 000, ratios 0.1 +- 0.03. */
    @Test
    void grpcSharesOfVeryDifferentWeights() {
        List<Server> weighted =
                Keys.servers(3, i -> Server.of("127.0.0.1", 90 + i).withWeight(Math.pow(10, i)));
        Balancer.Picker picker = Keys.picker(
                Balancers.ringHash(Keys.KEY)
                        .minimumRingSize(10_000)
                        .maximumRingSize(100_000)
                        .build(),
                weighted);
        double[] counts = new double[3];
        for (int i = 0; i < 10_000; i++) {
            counts[Keys.pick(picker, "key" + i).charAt(11) - '0']++;
        }
        assertThat(counts[0] / counts[1]).isBetween(0.07, 0.13);
        assertThat(counts[1] / counts[2]).isBetween(0.07, 0.13);
    }

    @Test
    void nginxConsistentPointsAreAsNginxComputesThem() {
        Ring ring = ring(Balancers.nginxConsistentHash(Keys.KEY), loopback(8081, 3));
        assertThat(ring.size()).isEqualTo(480);
        assertThat(ring.point(0)).isEqualTo(858133);
        assertThat(at(ring, 0)).endsWith(":8081");
        assertThat(ring.point(479)).isEqualTo(4291836733L);
        assertThat(at(ring, 4291836733L)).endsWith(":8081");
        long[][] firstPoints = {
            {1353366775, 3101462538L, 708007374},
            {386582055, 3337737759L, 3923017493L},
            {711651223, 3974818796L, 509188963}
        };
        for (int server = 0; server < 3; server++) {
            for (long point : firstPoints[server]) {
                assertThat(ring.point((int) ring.first(point))).isEqualTo(point);
                assertThat(ring.owner(ring.first(point))).isEqualTo(server);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a, 8082",
        "foo, 8081",
        "/index.html, 8083",
        "user-42, 8082",
        "user-43, 8083",
        "k0, 8083",
        "k1, 8083",
        "k2, 8083",
        "k3, 8083"
    })
    void nginxConsistentKeysGoWhereNginxSendsThem(String key, String port) {
        Balancer balancer = Balancers.nginxConsistentHash(Keys.KEY).build();
        assertThat(Keys.pick(Keys.picker(balancer, loopback(8081, 3)), key)).endsWith(":" + port);
    }

    @Test
    void nginxConsistentSharesOfAHundredThousandKeysAreAsComputed() {
        Balancer.Picker picker =
                Keys.picker(Balancers.nginxConsistentHash(Keys.KEY).build(), loopback(8081, 3));
        int[] counts = new int[3];
        for (int i = 0; i < 100_000; i++) {
            counts[Keys.pick(picker, "key" + i).charAt(13) - '1']++;
        }
        assertThat(counts).containsExactly(34244, 31297, 34459);
    }

    /** The server name of nginx without a port is all host, and a weight is that many times 160 points. */
    @Test
    void nginxConsistentPlacesANameWithoutPortAndAWeight() {
        List<Server> named = List.of(
                Server.of("127.0.0.1", 90).withId("alpha"),
                Server.of("127.0.0.1", 91).withId("beta:x").withWeight(2));
        Ring ring = ring(Balancers.nginxConsistentHash(Keys.KEY).placedById(), named);
        assertThat(ring.size()).isEqualTo(480);
        long first = Crc32.of("alpha\0\0\0\0\0");
        assertThat(ring.point((int) ring.first(first))).isEqualTo(first);
        long other = Crc32.of("beta:x\0\0\0\0\0");
        assertThat(ring.point((int) ring.first(other))).isEqualTo(other);
    }

    /** The test of spymemcached. */
    @ParameterizedTest
    @CsvSource({"137470, 2", "137703, 3", "137936, 1", "138169, 6", "138402, 8", "138635, 7", "138868, 2", "139101, 4"})
    void ketamaKeysGoWhereSpymemcachedSendsThem(String key, int server) {
        List<Server> servers = Keys.servers(8, i -> Server.of("10.0.1." + (i + 1), 11211));
        Balancer.Picker picker = Keys.picker(Balancers.ketama(Keys.KEY).build(), servers);
        assertThat(Keys.pick(picker, key)).isEqualTo("10.0.1." + server + ":11211");
    }

    @Test
    void ketamaHashesAndPointsAreAsComputed() {
        assertThat(Md5.first("137470")).isEqualTo(237900455);
        assertThat(Md5.first("137703")).isEqualTo(1413727939);
        assertThat(Md5.first("foo")).isEqualTo(3675831724L);
        List<Server> servers = Keys.servers(8, i -> Server.of("10.0.1." + (i + 1), 11211));
        Ring ring = ring(Balancers.ketama(Keys.KEY), servers);
        assertThat(ring.size()).isEqualTo(8 * 160);
        for (long point : new long[] {2431485715L, 4123933443L, 100894374, 2720740989L}) {
            assertThat(ring.point((int) ring.first(point))).isEqualTo(point);
            assertThat(ring.owner(ring.first(point))).isZero();
        }
    }

    /** A share of 1/n times n is not always 1 in binary; libmemcached adds a little before it cuts. */
    @Test
    void ketamaGivesEqualServers160PointsWhateverTheirNumber() {
        for (int n = 1; n <= 60; n++) {
            List<Server> servers = Keys.servers(n, i -> Server.of("10.0.1." + (i + 1), 11211));
            Ring ring = ring(Balancers.ketama(Keys.KEY), n == 1 ? loopback(80, 2) : servers);
            assertThat(ring.size()).isEqualTo(160 * Math.max(2, n));
        }
    }

    /** HAProxy 03e9a5a1e: by a wrong default all servers had the same key, and so the same points. */
    @Test
    void bug34ServersWithDefaultIdsHaveDistinctKeys() {
        for (Hashing algorithm : Hashing.PLACED_BY_NAME) {
            Balancer.Picker picker = Keys.picker(algorithm.balancer(), loopback(90, 20));
            assertThat(IntStream.range(0, 2000)
                            .mapToObj(i -> Keys.pick(picker, "key" + i))
                            .distinct())
                    .as(algorithm.name())
                    .hasSize(20);
        }
    }

    @Test
    void serversThatShareAnAddressAllGetTrafficAndTheSameInAnyOrder() {
        List<Server> twins = List.of(
                Server.of("127.0.0.1", 90).withId("b"),
                Server.of("127.0.0.1", 90).withId("a"),
                Server.of("127.0.0.1", 91));
        for (Hashing algorithm : Hashing.PLACED_BY_NAME) {
            Balancer.Picker picker = Keys.picker(algorithm.balancer(), twins);
            Balancer.Picker reversed =
                    Keys.picker(algorithm.balancer(), List.of(twins.get(2), twins.get(1), twins.get(0)));
            List<String> picks = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                picks.add(Keys.pick(picker, "key" + i));
                assertThat(Keys.pick(reversed, "key" + i)).isEqualTo(picks.get(i));
            }
            assertThat(picks).as(algorithm.name()).contains("a", "b", "127.0.0.1:91");
        }
    }

    /** Two points at one place: whose it is must not depend on the order in which a client got its list. */
    @Test
    void aPointOfTwoServersBelongsToTheOneThatComesFirstByName() {
        Members members = Members.of(Keys.candidates(loopback(90, 2)));
        for (long mask : new long[] {-1L, Ring.MASK_32}) {
            for (int[] order : new int[][] {{0, 1}, {1, 0}}) {
                Ring.Builder points = new Ring.Builder(members, 4);
                for (int server : order) {
                    points.add(7, server);
                    points.add(-3 & mask, server);
                    points.add(100 + server, server);
                }
                Ring ring = points.build(() -> new Integer[] {1, 0}, new Ring.KeyHash(key -> 0L, mask), 20);
                assertThat(ring.size()).isEqualTo(4);
                assertThat(ring.owner(ring.first(7))).isEqualTo(1);
                assertThat(ring.owner(ring.first(-3 & mask))).isEqualTo(1);
                assertThat(ring.owner(ring.first(100))).isZero();
            }
        }
    }

    /** Envoy: the entry after the one that was tried, and so on around the ring. */
    @Test
    void aRetryGoesToTheNextServerOnTheRing() {
        Ring ring = ring(Balancers.ringHash(Keys.KEY).minimumRingSize(12), loopback(90, 6));
        Balancer.Picker picker =
                Keys.picker(Balancers.ringHash(Keys.KEY).minimumRingSize(12).build(), loopback(90, 6));
        List<Candidate> tried = new ArrayList<>();
        long hash = XxHash64.hash("some key", 0);
        List<String> expected = new ArrayList<>();
        for (long place = ring.first(hash), i = 0; i < 12; i++, place = ring.next(null, place, 1)) {
            String id = ring.servers[ring.owner(place)].server().id();
            if (!expected.contains(id)) {
                expected.add(id);
            }
        }
        // Candidates are of another pool than the ring's, hence by id.
        for (String id : expected) {
            Candidate next = picker.pick(new Keys.Pick().of("some key").after(tried));
            assertThat(next.server().id()).isEqualTo(id);
            tried.add(next);
        }
        assertThat(expected).hasSize(6);
    }
}
