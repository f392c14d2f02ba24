package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.Threads;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BoundedLoadTest {
    private static final double FACTOR = 1.25;

    private static List<Server> servers(double... weights) {
        List<Server> servers = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            servers.add(Server.of("10.0.0." + i, 80).withWeight(weights[i]));
        }
        return servers;
    }

    /** The most that a server of a share may have while so many are in flight: Envoy's slots. */
    private static long slots(int inFlight, double share) {
        long total = (long) Math.ceil(inFlight * 125 / 100.0);
        return Math.max(1, (long) Math.ceil(total * share - 1e-9));
    }

    /** One hot key, and others; requests come and go in any order, and some are keyless. */
    @ParameterizedTest
    @EnumSource
    void noServerHasMoreInFlightThanItsSlotsWhateverTheKeys(Hashing algorithm) {
        double[] weights = {1, 1, 2, 4};
        SplittableRandom random = new SplittableRandom(algorithm.ordinal());
        try (ServerPool pool = ServerPool.builder("bounded")
                .balancer(algorithm.by(Keys.KEY).boundedLoad(FACTOR).build())
                .servers(servers(weights))
                .seed(3)
                .build()) {
            List<Attempt> open = new ArrayList<>();
            for (int i = 0; i < 3000; i++) {
                if (!open.isEmpty() && random.nextInt(100) < (i / 500 % 2 == 0 ? 30 : 60)) {
                    open.remove(random.nextInt(open.size())).complete(Outcome.SUCCESS);
                    continue;
                }
                int kind = random.nextInt(10);
                Attempt attempt = pool.pick(Keys.request(kind == 0 ? null : kind < 8 ? "hot" : "key" + i));
                open.add(attempt);
                int server = Integer.parseInt(attempt.server().host().substring(7));
                int inFlight = pool.snapshot().servers().get(server).inFlight();
                // Weights count for jump hash too here: its numbers have none, but the bound is the servers'.
                assertThat((long) inFlight).isLessThanOrEqualTo(slots(open.size(), weights[server] / 8));
            }
            assertThat(open.size()).isGreaterThan(20);
        }
    }

    /** Whatever the factor, and with equal weights as well as with others: while nothing ends, load only grows. */
    @ParameterizedTest
    @EnumSource
    void aHotKeyFillsTheServersToTheirFactor(Hashing algorithm) {
        for (double factor : new double[] {1, 1.25, 2}) {
            for (double[] weights : new double[][] {{1, 1, 1, 1, 1}, {1, 2, 3, 4, 6}}) {
                double sum = Arrays.stream(weights).sum();
                try (ServerPool pool = ServerPool.builder("hot")
                        .balancer(algorithm.by(Keys.KEY).boundedLoad(factor).build())
                        .servers(servers(weights))
                        .build()) {
                    int[] held = new int[weights.length];
                    for (int i = 1; i <= 400; i++) {
                        int server = Integer.parseInt(
                                pool.pick(Keys.request("hot")).server().host().substring(7));
                        double slots = Math.ceil(Math.ceil(i * factor) * weights[server] / sum - 1e-9);
                        assertThat((double) ++held[server])
                                .as("%s, request %d, server %d", factor, i, server)
                                .isLessThanOrEqualTo(Math.max(1, slots));
                    }
                }
            }
        }
    }

    /**
     * A pick sees the picks that have begun, and each other thread can have one that has not. So a server is never further
     * above its bound than there are other threads, at any moment, while nothing ends.
     */
    @ParameterizedTest
    @EnumSource
    void noServerIsEverFurtherAboveItsBoundThanThereAreOtherThreads(Hashing algorithm) {
        int threads = 8;
        try (ServerPool pool = ServerPool.builder("racing")
                .balancer(algorithm.by(Keys.KEY).boundedLoad(FACTOR).build())
                .servers(servers(1, 1, 1, 1, 1))
                .build()) {
            Threads.run(threads, thread -> () -> {
                for (int i = 0; i < 300; i++) {
                    pool.pick(Keys.request("hot"));
                    int most = most(pool);
                    // Read after, so it is at least what it was when the fullest server got its last one.
                    assertThat((long) most).isLessThanOrEqualTo(slots(total(pool), 0.2) + threads - 1);
                }
            });
            assertThat(total(pool)).isEqualTo(threads * 300);
        }
    }

    private static int most(ServerPool pool) {
        return pool.snapshot().servers().stream()
                .mapToInt(ServerSnapshot::inFlight)
                .max()
                .orElseThrow();
    }

    private static int total(ServerPool pool) {
        return pool.snapshot().servers().stream()
                .mapToInt(ServerSnapshot::inFlight)
                .sum();
    }

    /** Threads that pick at the same moment do not see each other: each may go one above, and not more. */
    @ParameterizedTest
    @EnumSource(names = {"RING_HASH", "MAGLEV", "RENDEZVOUS"})
    void threadsThatPickAtOnceStayWithinOneEachOfTheBound(Hashing algorithm) {
        int threads = 8;
        int held = 25;
        try (ServerPool pool = ServerPool.builder("bounded")
                .balancer(algorithm.by(Keys.KEY).boundedLoad(FACTOR).build())
                .servers(servers(1, 1, 1, 1, 1))
                .build()) {
            CyclicBarrier full = new CyclicBarrier(threads);
            List<Integer> open = Threads.together(threads, thread -> () -> {
                Deque<Attempt> mine = new ArrayDeque<>();
                for (int i = 0; i < 500; i++) {
                    mine.add(pool.pick(Keys.request("hot")));
                    if (mine.size() > held && i < 499) {
                        mine.remove().complete(Outcome.SUCCESS);
                    }
                }
                full.await(1, TimeUnit.MINUTES);
                return mine.size();
            });
            int total = open.stream().mapToInt(Integer::intValue).sum();
            // Completions lower the bound after a pick was made, by a request for each thread.
            long most = slots(total + threads, 0.2) + threads;
            assertThat(pool.snapshot().servers())
                    .extracting(ServerSnapshot::inFlight)
                    .allSatisfy(n -> assertThat((long) n).isLessThanOrEqualTo(most));
            assertThat(total).isBetween(threads * held, threads * (held + 1));
        }
    }

    @Test
    void withoutABoundAHotKeyStaysOnItsServer() {
        try (ServerPool pool = ServerPool.builder("unbounded")
                .balancer(Balancers.ringHash(Keys.KEY).build())
                .servers(servers(1, 1, 1))
                .build()) {
            Set<String> used = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                used.add(pool.pick(Keys.request("hot")).server().id());
            }
            assertThat(used).hasSize(1);
        }
    }

    /** A tight bound must not scatter the keys while there is room: then it would be no hashing at all. */
    @Test
    void aKeyStaysOnItsServerWhileThereIsRoom() {
        Balancer plain = Balancers.ringHash(Keys.KEY).build();
        Balancer bounded = Balancers.ringHash(Keys.KEY).boundedLoad(FACTOR).build();
        try (Lab lab = Lab.equal(5)) {
            Balancer.Picker first = lab.picker(plain);
            Balancer.Picker second = lab.picker(bounded);
            IntStream.range(0, 5).forEach(i -> lab.beginMany(i, 4));
            for (int i = 0; i < 1000; i++) {
                lab.request(Keys.request("key" + i));
                // 21 requests times 1.25 are 27 slots, 6 for each server, of which 4 are taken.
                assertThat(second.pick(lab)).isSameAs(first.pick(lab));
            }
        }
    }

    /** The request to come counts too: with 20 in flight there are 27 slots, 6 for each of five, and with 21 there are 28. */
    @Test
    void aKeyStaysOnItsServerUntilItsLastSlotIsTaken() {
        try (Lab lab = Lab.equal(5)) {
            Balancer.Picker picker =
                    lab.picker(Balancers.ringHash(Keys.KEY).boundedLoad(FACTOR).build());
            lab.request(Keys.request("hot"));
            Candidate own = picker.pick(lab);
            int others = 0;
            for (int i = 0; i < 5; i++) {
                lab.beginMany(i, lab.candidate(i) == own ? 5 : others++ == 0 ? 3 : 4);
            }

            assertThat(picker.pick(lab)).isSameAs(own);
            lab.begin(own);
            assertThat(picker.pick(lab)).isNotSameAs(own);
        }
    }

    /** As Envoy's test has it: the hashed host is overloaded, and then all but one are. */
    @Test
    void aFullServerIsPassedOverInTheOrderOfTheRing() {
        try (Lab lab = Lab.equal(5)) {
            Balancer.Picker picker =
                    lab.picker(Balancers.ringHash(Keys.KEY).boundedLoad(1.0).build());
            List<Candidate> order = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Candidate next = picker.pick(new Keys.Pick().of("hot").after(order));
                assertThat(order).doesNotContain(next);
                order.add(next);
            }
            // With factor 1 the first server has one slot of the first five, so the hot key goes once around.
            for (Candidate expected : order) {
                lab.request(Keys.request("hot"));
                Candidate picked = picker.pick(lab);
                assertThat(picked).isSameAs(expected);
                lab.begin(picked);
            }
            assertThat(lab.candidates())
                    .allSatisfy(c -> assertThat(c.inFlight()).isEqualTo(1));
        }
    }

    @Test
    void whenAllThatWereNotTriedAreFullTheLeastOverloadedIsPicked() {
        try (Lab lab = Lab.equal(5)) {
            Balancer.Picker picker =
                    lab.picker(Balancers.maglev(Keys.KEY).boundedLoad(1.25).build());
            int[] load = {0, 30, 20, 10, 20};
            for (int i = 0; i < 5; i++) {
                lab.beginMany(i, load[i]);
            }
            for (int i = 0; i < 50; i++) {
                Candidate picked = picker.pick(new Keys.Pick().of("key" + i).after(List.of(lab.candidate(0))));
                // 81 requests times 1.25 are 102 slots, 21 each: of those not tried, 1 is full.
                assertThat(picked).isNotIn(lab.candidate(0), lab.candidate(1));
                Candidate fullest = picker.pick(new Keys.Pick()
                        .of("key" + i)
                        .after(List.of(lab.candidate(0), lab.candidate(2), lab.candidate(3), lab.candidate(4))));
                assertThat(fullest).isSameAs(lab.candidate(1));
            }
        }
    }

    /** S14: a hundred thousand keys that were chosen to go to one server do not overload it. */
    @Test
    void keysThatCollideCannotOverloadAServer() {
        try (ServerPool pool = ServerPool.builder("attacked")
                .balancer(Balancers.maglev(Keys.KEY).boundedLoad(FACTOR).build())
                .servers(servers(1, 1, 1, 1, 1, 1, 1, 1, 1, 1))
                .healthMonitors()
                .build()) {
            Balancer.Picker known =
                    Keys.picker(Balancers.maglev(Keys.KEY).build(), servers(1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
            Deque<Attempt> open = new ArrayDeque<>();
            int[] served = new int[10];
            int sent = 0;
            for (int i = 0; sent < 100_000; i++) {
                if (Keys.pick(known, "attack" + i).equals("10.0.0.0:80")) {
                    Attempt attempt = pool.pick(Keys.request("attack" + i));
                    served[Integer.parseInt(attempt.server().host().substring(7))]++;
                    open.add(attempt);
                    sent++;
                    if (open.size() == 200) {
                        open.remove().complete(Outcome.SUCCESS);
                    }
                }
            }
            assertThat(Arrays.stream(served).max().orElseThrow()).isLessThanOrEqualTo(12_550);
            assertThat(pool.snapshot().servers())
                    .allSatisfy(s -> assertThat(s.inFlight()).isLessThanOrEqualTo(25));
        }
    }
}
