package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.PickContext;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.Threads;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every strategy promises. The timeout is only there to end a pick that would not end. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
abstract class BalancerContractTest {
    private static final Map<String, Lab> IDLE = new ConcurrentHashMap<>();

    /** The strategy, anew. */
    abstract Balancer balancer();

    /** The strategy with settings that make its picker in no time, for tests that make thousands for few servers. */
    Balancer soonBuilt() {
        return balancer();
    }

    /** The weights that thousands of servers are given. */
    Set<Pattern> crowds() {
        return EnumSet.of(Pattern.SKEWED, Pattern.ONE_ZERO, Pattern.TINY_AND_HUGE);
    }

    /**
     * The share of the picks that each weight gets while all servers are idle and alike; null if the strategy does not
     * share by weight.
     */
    double[] shares(double[] weights) {
        return Weights.shares(weights);
    }

    /** The shares where weights are ignored, but weight 0 means nothing. */
    static double[] ignoringWeights(double[] weights) {
        return Arrays.stream(Weights.shares(weights))
                .map(share -> share > 0 ? 1 : 0)
                .toArray();
    }

    /** The shares where weights count as a tenth to ten times their mean, as in gRPC. */
    static double[] withinGrpcsBounds(double[] weights) {
        double[] shares = Weights.shares(weights);
        double mean = Arrays.stream(shares).filter(s -> s > 0).average().orElseThrow();
        return Arrays.stream(shares)
                .map(s -> s == 0 ? 0 : Math.max(Math.min(s, 10 * mean), 0.1 * mean))
                .toArray();
    }

    /** Whether the picks go round in turn, so that nobody gets more than a turn more than another. */
    boolean takesTurns() {
        return false;
    }

    /** The most draws of a random number that one pick may make. */
    int mostDraws(int servers) {
        return 16;
    }

    /** Prepares the next pick: a strategy that looks at the request sees another one each time. */
    void prepare(Lab lab, int pick) {
        lab.request(request(pick));
    }

    /** A request of which everything may be read. */
    static RequestView request(int number) {
        return new RequestView() {
            @Override
            public String path() {
                return "/item/" + number;
            }

            @Override
            public String header(String name) {
                return "key" + number;
            }
        };
    }

    private int[] counts(Lab lab, Balancer.Picker picker, int picks) {
        int[] counts = new int[lab.candidates().size()];
        for (int i = 0; i < picks; i++) {
            prepare(lab, i);
            int index = lab.index(picker.pick(lab));
            assertThat(index).as("a pick that was not given").isNotNegative();
            counts[index]++;
        }
        return counts;
    }

    @Test
    void aPickerIsNeverMadeForNoServers() {
        AtomicInteger asked = new AtomicInteger();
        Balancer counted = (candidates, previous) -> {
            asked.incrementAndGet();
            assertThat(candidates).isNotEmpty();
            return balancer().picker(candidates, previous);
        };
        try (ServerPool pool = ServerPool.builder("none").balancer(counted).build()) {
            assertThatThrownBy(pool::pick).isInstanceOf(NoServerAvailableException.class);
            assertThat(asked).hasValue(0);
            pool.update(List.of(Lab.server(0)));
            pool.pick().close();
            pool.update(List.of());
            assertThatThrownBy(pool::pick).isInstanceOf(NoServerAvailableException.class);
            assertThat(asked).hasValue(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Pattern.class)
    void theOnlyServerIsPickedWhateverItsWeight(Pattern pattern) {
        try (Lab lab = Lab.of(pattern.weights(1))) {
            assertThat(counts(lab, lab.picker(balancer()), 100)).containsExactly(100);
        }
    }

    /** Servers that are only picked from, never begun on: those of one pattern serve every strategy. */
    private static Lab idle(Pattern pattern, int servers) {
        return IDLE.computeIfAbsent(pattern + " " + servers, key -> Lab.of(pattern.weights(servers)))
                .seed(42);
    }

    @ParameterizedTest
    @CsvSource({"2, 2000", "3, 2000", "100, 2000", "10000, 100"})
    void picksLandOnTheGivenServersAndNeverOnADrainedOne(int servers, int picks) {
        // What the weights do is seen with few servers; with many, it is their number that matters.
        for (Pattern pattern : servers > 1000 ? crowds() : EnumSet.allOf(Pattern.class)) {
            double[] weights = pattern.weights(servers);
            Lab lab = idle(pattern, servers);
            int[] counts = counts(lab, lab.picker(balancer()), picks);
            for (int i = 0; i < servers; i++) {
                if (weights[i] == 0 && pattern != Pattern.ALL_ZERO) {
                    assertThat(counts[i]).as("%s, server %d", pattern, i).isZero();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10, 100})
    void theServersGetTheirShares(int servers) {
        for (Pattern pattern : Pattern.values()) {
            double[] weights = pattern.weights(servers);
            double[] shares = shares(weights);
            assumeTrue(shares != null, "this strategy does not share by weight");
            try (Lab lab = Lab.of(weights).seed(servers * 31L + pattern.ordinal())) {
                int[] counts = counts(lab, lab.picker(balancer()), 300 * servers);
                assertThat(ChiSquare.ofCritical(counts, shares))
                        .as("%s: %s", pattern, Arrays.toString(counts))
                        .isLessThanOrEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE - 5, -1 - 5, Integer.MAX_VALUE - 100, -1 - 100, 0})
    void theCounterWrapsWithoutAPickGoingAstray(int start) {
        for (double[] weights : new double[][] {{1, 1, 1}, {1, 2, 5}, {0.3, 0.7071, 1.1}}) {
            try (Lab lab = Lab.of(weights)) {
                Balancer.Picker picker = balancer().picker(lab.candidates(), at(start));
                assumeTrue(takesTurns(), "this strategy does not go by turns");
                int[] counts = lab.counts(picker, 240);
                double[] shares = shares(weights);
                double total = Arrays.stream(shares).sum();
                for (int i = 0; i < 3; i++) {
                    // One jump at 2^32 may cost or give each server a turn or two.
                    assertThat((double) counts[i]).isBetween(240 * shares[i] / total - 3, 240 * shares[i] / total + 3);
                }
            }
        }
    }

    /** A picker that the next one takes the position over from. */
    static Balancer.Picker at(int start) {
        Position position = Position.startingAt(start);
        return new Sequenced() {
            @Override
            public Candidate pick(PickContext context) {
                throw new AssertionError("the former picker is not asked again");
            }

            @Override
            public Position position() {
                return position;
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 1000})
    void theWorkOfAPickIsBounded(int servers) {
        for (Pattern pattern : Pattern.values()) {
            try (Lab lab = Lab.of(pattern.weights(servers))) {
                Balancer.Picker picker = lab.picker(balancer());
                for (int i = 0; i < 200; i++) {
                    prepare(lab, i);
                    long draws = lab.draws();
                    int turn = picker instanceof Sequenced s ? s.position().upcoming() : 0;
                    boolean started =
                            !(picker instanceof Sequenced s) || s.position().started();
                    picker.pick(lab);
                    assertThat(lab.draws() - draws).as("draws, %s", pattern).isBetween(0L, (long) mostDraws(servers));
                    if (started && picker instanceof Sequenced s) {
                        assertThat(s.position().upcoming() - turn)
                                .as("turns, %s", pattern)
                                .isBetween(1, 2 * servers);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x8000_0000L, 0xffff_ffff_0000_0000L})
    void aGeneratorThatAlwaysSaysTheSameTrapsNoPick(long said) {
        for (Pattern pattern : Pattern.values()) {
            for (int servers : new int[] {1, 2, 3, 7}) {
                RandomGenerator stuck = () -> said;
                try (Lab lab = Lab.of(pattern.weights(servers)).random(stuck)) {
                    counts(lab, lab.picker(balancer()), 50);
                }
            }
        }
    }

    @Test
    void aPickAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Lab lab = Lab.of(Pattern.SKEWED.weights(20))) {
            Balancer.Picker picker = lab.picker(balancer());
            prepare(lab, 0);
            IntConsumer picks = count -> {
                for (int i = 0; i < count; i++) {
                    picker.pick(lab);
                }
            };
            picks.accept(20_000);
            long before = threads.getCurrentThreadAllocatedBytes();
            picks.accept(100_000);
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            // Less than a byte for each pick: what is left is the JVM's own, such as a thread's first use of a class.
            assertThat(bytes).isLessThan(100_000);
        }
    }

    @Test
    void aPickerOfAnotherKindIsNoHindranceAsThePreviousOne() {
        try (Lab lab = Lab.equal(3)) {
            Candidate first = lab.candidate(0);
            counts(lab, balancer().picker(lab.candidates(), context -> first), 30);
            for (Balancer other : List.of(Balancers.roundRobin(), Balancers.random(), Balancers.leastRequests())) {
                counts(lab, balancer().picker(lab.candidates(), lab.picker(other)), 30);
            }
        }
    }

    @Test
    void theSharesAreKeptWhileThePickerIsRebuiltEveryThreePicks() {
        boolean shared = shares(Pattern.EQUAL.weights(10)) != null;
        try (Lab lab = Lab.equal(10)) {
            Balancer balancer = soonBuilt();
            Balancer.Picker picker = null;
            int[] counts = new int[10];
            for (int i = 0; i < (shared ? 30_000 : 1_500); i++) {
                picker = i % 3 == 0 ? balancer.picker(lab.candidates(), picker) : picker;
                prepare(lab, i);
                counts[lab.index(picker.pick(lab))]++;
            }
            assumeTrue(shared, "this strategy does not share by weight");
            assertThat(Arrays.stream(counts).max().orElseThrow()).isLessThanOrEqualTo(3300);
            if (takesTurns()) {
                assertThat(counts).containsOnly(3000);
            }
        }
    }

    @Test
    void aThousandFreshClientsDoNotBeginWithTheSameServer() {
        for (int servers : new int[] {2, 3, 10}) {
            try (Lab lab = Lab.equal(servers).seed(11)) {
                assumeTrue(shares(Pattern.EQUAL.weights(servers)) != null, "this strategy does not share by weight");
                int[] counts = new int[servers];
                for (int i = 0; i < 1000; i++) {
                    prepare(lab, i);
                    counts[lab.index(lab.picker(soonBuilt()).pick(lab))]++;
                }
                double[] equal = Pattern.EQUAL.weights(servers);
                assertThat(ChiSquare.ofCritical(counts, equal))
                        .as(Arrays.toString(counts))
                        .isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void membershipMayChangeWhileEightThreadsPick() {
        Balancer balancer = soonBuilt();
        Balancer guarded = (candidates, previous) -> {
            Guarded before = (Guarded) previous;
            return new Guarded(
                    balancer.picker(candidates, before == null ? null : before.inner), new HashSet<>(candidates));
        };
        try (ServerPool pool = ServerPool.builder("changing")
                .balancer(guarded)
                .servers(members(0))
                .build()) {
            AtomicBoolean changed = new AtomicBoolean();
            Threads.run(9, thread -> () -> {
                if (thread < 8) {
                    pickUntil(changed, pool, thread);
                    return;
                }
                try {
                    for (int round = 1; round <= 100; round++) {
                        pool.update(members(round));
                    }
                } finally {
                    changed.set(true);
                }
            });
            assertThat(pool.snapshot().servers())
                    .allSatisfy(s -> assertThat(s.inFlight()).isZero());
        }
    }

    /** At least a thousand picks, and until the last change was made. */
    private static void pickUntil(AtomicBoolean changed, ServerPool pool, int seed) {
        int picks = 0;
        while (picks < 1000 || !changed.get()) {
            try (Attempt attempt = pool.pick(request(seed + picks))) {
                attempt.complete(picks % 50 == 0 ? Outcome.CANCELLED : Outcome.SUCCESS);
            }
            picks++;
            if (picks % 8 == 0) {
                // Eight threads on fewer cores would leave the one that changes the list waiting for its slice of time.
                Thread.yield();
            }
        }
    }

    /** Some of twenty servers, other ones with other weights each round. */
    private static List<Server> members(int round) {
        SplittableRandom random = new SplittableRandom(round);
        List<Server> members = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            if (i == round % 20 || random.nextInt(3) > 0) {
                members.add(Lab.server(i).withWeight(round % 3 == 0 ? 1 : random.nextInt(4)));
            }
        }
        return members;
    }

    private record Guarded(Balancer.Picker inner, Set<Candidate> given) implements Balancer.Picker {
        @Override
        public Candidate pick(PickContext context) {
            Candidate picked = inner.pick(context);
            if (!given.contains(picked)) {
                throw new AssertionError(picked + " was not given");
            }
            return picked;
        }
    }
}
