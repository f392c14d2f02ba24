package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.Server;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What hashing is used for: that keys are spread by weight, and each has an order of servers of its own. */
class HashPropertiesTest {
    @Test
    void sharesFollowWeights() {
        double[] weights = {1, 2, 3, 4};
        List<Server> servers = Keys.servers(4, i -> Server.of("10.1.0." + i, 80).withWeight(weights[i]));
        List<Candidate> all = Keys.candidates(servers);
        // How far a share may be off, in relation: by how many points and by chance.
        check(Balancers.rendezvous(Keys.KEY), all, weights, 0.03);
        check(Balancers.maglev(Keys.KEY), all, weights, 0.03);
        check(Balancers.nginxHash(Keys.KEY), all, weights, 0.03);
        check(Balancers.ringHash(Keys.KEY).minimumRingSize(100_000), all, weights, 0.03);
        check(Balancers.ringHash(Keys.KEY).entriesPerServer(10_000), all, weights, 0.03);
        check(Balancers.nginxConsistentHash(Keys.KEY), all, weights, 0.2);
        check(Balancers.ketama(Keys.KEY), all, weights, 0.2);
        check(Balancers.jumpHash(Keys.KEY), all, new double[] {1, 1, 1, 1}, 0.03);
    }

    private static void check(HashBalancerBuilder settings, List<Candidate> all, double[] weights, double slack) {
        int[] counts = new int[all.size()];
        for (Candidate picked : Keys.picks(settings.build().picker(all, null))) {
            counts[all.indexOf(picked)]++;
        }
        double total = Arrays.stream(weights).sum();
        for (int i = 0; i < counts.length; i++) {
            double expected = Keys.COUNT * weights[i] / total;
            assertThat((double) counts[i])
                    .as("%s, weight %s", settings, weights[i])
                    .isBetween(expected * (1 - slack), expected * (1 + slack));
        }
    }

    /** With 10 servers and 160 points the busiest has at most a third more than the mean; a peer's 4 points gave 1.54. */
    @Test
    void noServerOfARingIsFarFromTheMean() {
        List<Candidate> all = Keys.candidates(10);
        for (Hashing algorithm : Hashing.MOVES_ONLY_WHAT_MUST_MOVE) {
            int[] counts = new int[10];
            for (Candidate picked : Keys.picks(algorithm.balancer().picker(all, null))) {
                counts[all.indexOf(picked)]++;
            }
            assertThat(Arrays.stream(counts).max().orElseThrow()).isLessThan(13_400);
            assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThan(6_600);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5})
    void everyRetryGoesToAnotherServerUntilAllWereTried(int n) throws Exception {
        List<HashBalancerBuilder> all = new ArrayList<>();
        for (Hashing algorithm : Hashing.values()) {
            all.add(algorithm.by(HashKey.clientAddress()));
        }
        all.add(Balancers.ringHash(HashKey.clientAddress()).boundedLoad(1.25));
        all.add(Balancers.ipHash().boundedLoad(1.25));
        List<Candidate> candidates = Keys.candidates(n);
        for (HashBalancerBuilder settings : all) {
            Balancer.Picker picker = settings.build().picker(candidates, null);
            for (int client = 0; client < 200; client++) {
                InetAddress address = InetAddress.getByAddress(new byte[] {10, 0, (byte) client, 1});
                List<Candidate> first = sequence(picker, address, n);
                assertThat(first).as(settings.toString()).doesNotHaveDuplicates();
                if (!settings.toString().equals("ip hash")
                        && !settings.toString().startsWith("nginx")) {
                    assertThat(sequence(picker, address, n)).isEqualTo(first);
                }
                // When all were tried there is still an answer.
                assertThat(picker.pick(new Keys.Pick().of(address).after(candidates)))
                        .isIn(candidates);
            }
        }
    }

    private static List<Candidate> sequence(Balancer.Picker picker, InetAddress client, int n) {
        List<Candidate> tried = new ArrayList<>();
        for (int attempt = 0; attempt < n; attempt++) {
            tried.add(picker.pick(new Keys.Pick().of(client).after(tried)));
        }
        return tried;
    }

    /** Two instances that got their lists in different orders must agree. */
    @ParameterizedTest
    @EnumSource(names = {"NGINX_CONSISTENT", "KETAMA", "RING_OF_FIXED_ENTRIES", "MAGLEV", "RENDEZVOUS"})
    void theOrderOfTheListMakesNoDifferenceToPlacedNames(Hashing algorithm) {
        List<Candidate> all = Keys.candidates(40);
        List<Candidate> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, new Random(3));
        Balancer balancer = algorithm.balancer();
        assertThat(Keys.picks(balancer.picker(shuffled, null))).isEqualTo(Keys.picks(balancer.picker(all, null)));
    }

    /** S14: whoever knows the seed can find keys that all go to one server; with another seed they are spread again. */
    @Test
    void keysThatWereChosenToCollideAreSpreadByASecretSeed() {
        List<Candidate> all = Keys.candidates(10);
        for (HashBalancerBuilder[] pair : new HashBalancerBuilder[][] {
            {Balancers.ringHash(Keys.KEY), Balancers.ringHash(Keys.KEY).minimumRingSize(100_000)},
            {Balancers.maglev(Keys.KEY), Balancers.maglev(Keys.KEY)},
            {Balancers.rendezvous(Keys.KEY), Balancers.rendezvous(Keys.KEY)},
            {Balancers.jumpHash(Keys.KEY), Balancers.jumpHash(Keys.KEY)}
        }) {
            Balancer.Picker known = pair[0].build().picker(all, null);
            Balancer.Picker secret =
                    pair[1].seed(0x5eed_5eed_5eed_5eedL).build().picker(all, null);
            int[] counts = new int[10];
            int chosen = 0;
            Keys.Pick pick = new Keys.Pick();
            for (int i = 0; chosen < 10_000; i++) {
                if (known.pick(pick.of("attack" + i)) == all.get(0)) {
                    chosen++;
                    counts[all.indexOf(secret.pick(pick))]++;
                }
            }
            assertThat(Arrays.stream(counts).max().orElseThrow())
                    .as(pair[0] + " " + Arrays.toString(counts))
                    .isLessThan(1_250);
        }
    }

    @Test
    void settingsThatMakeNoSenseAreRejected() {
        HashKey key = HashKey.path();
        rejected(() -> Balancers.maglev(key).tableSize(65536), "tableSize: 65536 (expected: a prime number");
        rejected(() -> Balancers.maglev(key).tableSize(1), "tableSize: 1");
        rejected(() -> Balancers.maglev(key).tableSize(5_000_081), "tableSize: 5000081");
        rejected(() -> Balancers.ringHash(key).minimumRingSize(0), "minimumRingSize: 0 (expected: 1 to 8388608)");
        rejected(() -> Balancers.ringHash(key).maximumRingSize(8_388_609), "maximumRingSize: 8388609");
        rejected(() -> Balancers.ringHash(key).maximumRingSize(1000).build(), "minimumRingSize: 1024");
        rejected(() -> Balancers.ringHash(key).entriesPerServer(0), "entriesPerServer: 0");
        for (double factor : new double[] {0, 0.99, -1, Double.NaN, Double.POSITIVE_INFINITY, 1.255, 1001}) {
            rejected(() -> Balancers.ringHash(key).boundedLoad(factor), "boundedLoad: " + factor);
        }
        rejected(() -> Balancers.ketama(key).seed(1), "seed: 1 (expected: an algorithm that has it, which ketama");
        rejected(() -> Balancers.maglev(key).minimumRingSize(1), "minimumRingSize: 1");
        rejected(() -> Balancers.ringHash(key).tableSize(7), "tableSize: 7");
        rejected(() -> Balancers.ipHash().placedById(), "placedById: true");
        rejected(() -> HashKey.header(""), "header: \"\"");
        rejected(() -> HashKey.cookie(""), "cookie: \"\"");
    }

    private static void rejected(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith(message);
    }
}
