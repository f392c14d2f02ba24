package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PowerOfTwoChoicesTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.powerOfTwoChoices();
    }

    private static double[] percent(Lab lab, Balancer.Picker picker) {
        return Arrays.stream(lab.counts(picker, 100_000))
                .mapToDouble(c -> c / 1000.0)
                .toArray();
    }

    private static void assertPercent(double[] actual, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1.0));
        }
    }

    /** Source: the selection probabilities in Envoy's tests, 100 000 picks, one percentage point. */
    @Test
    void envoyIdleServersShareEvenly() {
        try (Lab lab = Lab.equal(3)) {
            assertPercent(percent(lab, lab.picker(balancer())), 33.3, 33.3, 33.3);
        }
    }

    /** Envoy, which may draw a server twice, has 44.45, 44.45 and 11.1 here: distinct choices never leave it alone. */
    @Test
    void aServerThatIsBusierThanBothOthersGetsNothing() {
        try (Lab lab = Lab.equal(3)) {
            lab.beginMany(2, 10);
            assertPercent(percent(lab, lab.picker(balancer())), 50, 50, 0);
            assertThat(lab.counts(lab.picker(balancer()), 1000)[2]).isZero();
        }
    }

    /** Envoy has 75 and 25 here, for the same reason. */
    @Test
    void ofTwoServersTheBusyOneGetsNothing() {
        try (Lab lab = Lab.equal(2)) {
            lab.begin(0);
            assertThat(lab.counts(lab.picker(balancer()), 1000)).containsExactly(0, 1000);
        }
    }

    /** Envoy has 50 and 50: a request in flight halves a weight of 2. Here any load is more than none. */
    @Test
    void anIdleServerIsPickedBeforeABusyOneOfAGreaterWeight() {
        try (Lab lab = Lab.of(2, 1)) {
            lab.begin(0);
            assertThat(lab.counts(lab.picker(balancer()), 1000)).containsExactly(0, 1000);
        }
    }

    /** Source: upstream_random.t of nginx-tests, {@code random two least_conn}: weights 1 and 2, three long requests. */
    @Test
    void nginxThreeLongRequestsAreSharedOneToTwo() {
        for (int client = 0; client < 50; client++) {
            try (Lab lab = Lab.of(1, 2).seed(client)) {
                Balancer.Picker picker = lab.picker(balancer());
                for (int i = 0; i < 3; i++) {
                    lab.begin(picker.pick(lab));
                }
                assertThat(lab.candidate(0).inFlight()).isEqualTo(1);
                assertThat(lab.candidate(1).inFlight()).isEqualTo(2);
            }
        }
    }

    @Test
    void envoyIdleServersShareByWeight() {
        try (Lab lab = Lab.of(2, 1)) {
            assertPercent(percent(lab, lab.picker(balancer())), 66.67, 33.33);
        }
        try (Lab lab = Lab.of(4, 2, 1, 1)) {
            assertPercent(percent(lab, lab.picker(balancer())), 50, 25, 12.5, 12.5);
        }
    }

    /** Source: Envoy's test of choice_count 5 with four hosts, 4, 3, 2 and 1 requests in flight. */
    @Test
    void envoyFiveChoicesOfFourServersFindTheIdlest() {
        try (Lab lab = Lab.equal(4)) {
            lab.beginMany(0, 4);
            lab.beginMany(1, 3);
            lab.beginMany(2, 2);
            lab.beginMany(3, 1);
            assertThat(lab.order(lab.picker(Balancers.leastRequests(5)), 3)).isEqualTo("3 3 3");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10, 32})
    void soManyDistinctServersAreLookedAt(int choices) {
        for (Pattern pattern : Pattern.values()) {
            try (Lab lab = Lab.of(pattern.weights(50))) {
                int eligible = Weights.of(lab.candidates()).count();
                List<Candidate> seen = new ArrayList<>();
                Load load = (server, now) -> {
                    seen.add(server);
                    return seen.size() == 1 ? 1 : 2;
                };
                Balancer.Picker picker = lab.picker(Choices.by(load, choices));
                for (int i = 0; i < 200; i++) {
                    seen.clear();
                    picker.pick(lab);
                    assertThat(new HashSet<>(seen)).as(pattern.name()).hasSize(Math.min(choices, eligible));
                }
            }
        }
    }

    /** Every ordered pair of servers, and how often each was looked at, in a picker's own order. */
    private static int[] pairs(Lab lab, int n, int picks) {
        List<Integer> seen = new ArrayList<>();
        Load load = (server, now) -> {
            seen.add(lab.index(server));
            return 0;
        };
        Balancer.Picker picker = lab.picker(Choices.by(load, 2));
        int[] pairs = new int[n * n];
        for (int i = 0; i < picks; i++) {
            seen.clear();
            picker.pick(lab);
            pairs[seen.get(0) * n + seen.get(1)]++;
        }
        return pairs;
    }

    /** ServiceTalk #3543: the second candidate was always the first of the list. */
    @Test
    void bug2EveryOrderedPairIsDrawnAsOftenAsItsWeightsSay() {
        for (double[] weights : new double[][] {{1, 1, 1, 1}, {1, 2, 3, 4}}) {
            try (Lab lab = Lab.of(weights).seed(17)) {
                int[] pairs = pairs(lab, 4, 40_000);
                double[] expected = new double[16];
                double sum = Arrays.stream(weights).sum();
                for (int a = 0; a < 4; a++) {
                    for (int b = 0; b < 4; b++) {
                        expected[a * 4 + b] = a == b ? 0 : weights[a] / sum * weights[b] / (sum - weights[a]);
                    }
                }
                // The third draw and later ones of a pick repeat the distribution, so the pairs follow it closely.
                assertThat(ChiSquare.ofCritical(pairs, expected))
                        .as(Arrays.toString(pairs))
                        .isLessThan(1);
            }
        }
    }

    /** ServiceTalk #3543 too: a draw that hit the first candidate again compared it with itself. */
    @Test
    void bug3NoServerIsComparedWithItself() {
        try (Lab lab = Lab.of(1e9, 1, 1, 1)) {
            int[] pairs = pairs(lab, 4, 10_000);
            for (int a = 0; a < 4; a++) {
                assertThat(pairs[a * 4 + a]).isZero();
            }
        }
        try (Lab lab = Lab.of(1e9, 1, 1)) {
            lab.beginMany(0, 1_000);
            // 1000 for a weight of 10^9 is less than 1 for a weight of 1, and more than 0.
            assertThat(lab.counts(lab.picker(balancer()), 100)[0]).isZero();
        }
    }

    /** Source: Finagle's P2CSuite: 100 nodes, 100 000 requests in flight, the mean give or take 10. */
    @Test
    void finagleTheLoadsAreWithinTenOfTheMean() {
        try (Lab lab = Lab.equal(100)) {
            Balancer.Picker picker = lab.picker(balancer());
            for (int i = 0; i < 100_000; i++) {
                lab.begin(picker.pick(lab));
            }
            assertThat(lab.candidates())
                    .allSatisfy(c -> assertThat(c.inFlight()).isBetween(990, 1010));
        }
    }

    /** Source: Finagle's P2CSuite: a node that was away gets two shares of the next 100 000, which makes it even again. */
    @Test
    void finagleAServerThatWasAwayCatchesUp() {
        try (Lab lab = Lab.equal(100)) {
            Balancer.Picker without = balancer().picker(lab.candidates().subList(0, 99), null);
            for (int i = 0; i < 100_000; i++) {
                lab.begin(without.pick(lab));
            }
            Balancer.Picker all = balancer().picker(lab.candidates(), without);
            for (int i = 0; i < 100_000; i++) {
                lab.begin(all.pick(lab));
            }
            assertThat(lab.candidate(99).inFlight()).isBetween(1940, 2060);
        }
    }

    /** Source: Finagle's LoadDistributionTest: five clients, 150 requests each, no server over twice its share. */
    @Test
    void finagleNoServerGetsTwiceItsShareWhileTheListChanges() {
        int[][] lists = {{0, 10}, {5, 15}, {10, 20}};
        int[][] shrinking = {{0, 10}, {0, 5}};
        int[][] growing = {{0, 10}, {0, 15}};
        assertThat(busiestOverMean(lists)).isLessThanOrEqualTo(2);
        assertThat(busiestOverMean(shrinking)).isLessThanOrEqualTo(2);
        assertThat(busiestOverMean(growing)).isLessThanOrEqualTo(2);
    }

    private double busiestOverMean(int[][] lists) {
        double worst = 0;
        try (Lab lab = Lab.equal(20)) {
            Balancer.Picker[] clients = new Balancer.Picker[5];
            for (int[] list : lists) {
                List<Candidate> members = lab.candidates().subList(list[0], list[1]);
                int[] counts = new int[20];
                Deque<Attempt> outstanding = new ArrayDeque<>();
                for (int i = 0; i < 5 * 150; i++) {
                    int client = i % 5;
                    clients[client] = i < 5 ? balancer().picker(members, clients[client]) : clients[client];
                    Candidate picked = clients[client].pick(lab);
                    counts[lab.index(picked)]++;
                    outstanding.add(lab.begin(picked));
                    if (outstanding.size() > 20) {
                        outstanding.remove().complete(Outcome.SUCCESS);
                    }
                }
                outstanding.forEach(Attempt::close);
                double mean = 750.0 / members.size();
                worst = Math.max(worst, Arrays.stream(counts).max().orElseThrow() / mean);
            }
        }
        return worst;
    }

    @Test
    void choiceCountsThatMakeNoSenseAreRejected() {
        assertThatThrownBy(() -> Balancers.leastRequests(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("choiceCount: 1 (expected: 2 to 32)");
        assertThatThrownBy(() -> Balancers.peakEwma(33)).hasMessage("choiceCount: 33 (expected: 2 to 32)");
    }
}
