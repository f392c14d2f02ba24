package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor;
import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.MonitoredPool;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundRobinTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.roundRobin();
    }

    @Override
    boolean takesTurns() {
        return true;
    }

    @Override
    double[] shares(double[] weights) {
        return ignoringWeights(weights);
    }

    /** ServiceTalk #3588: the turn became an index before the modulo, and negative after 2^31 picks. */
    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE - 5, Integer.MIN_VALUE, -6, -1})
    void bug1NoIndexIsEverNegative(int start) {
        for (double[] weights : new double[][] {{1, 1, 1}, {5, 1, 1}, {Math.PI, Math.E, 1}}) {
            try (Lab lab = Lab.of(weights)) {
                for (Balancer any : List.of(balancer(), Balancers.weightedRoundRobin(), Balancers.staticStride())) {
                    Balancer.Picker picker = any.picker(lab.candidates(), at(start));
                    for (int i = 0; i < 20; i++) {
                        assertThat(lab.index(picker.pick(lab))).isBetween(0, 2);
                    }
                }
            }
        }
    }

    @Test
    void theOrderGoesOnAcrossTheSignBitAndJumpsOnlyAtTheEnd() {
        try (Lab lab = Lab.equal(3)) {
            Balancer.Picker signBit = balancer().picker(lab.candidates(), at(Integer.MAX_VALUE - 3));
            assertThat(lab.order(signBit, 9)).isEqualTo("1 2 0 1 2 0 1 2 0");
            Balancer.Picker end = balancer().picker(lab.candidates(), at(-4));
            assertThat(lab.order(end, 9)).isEqualTo("0 1 2 0 0 1 2 0 1");
        }
    }

    /** The third server comes and goes every three picks; a turn by number alone would favour some by a third. */
    @Test
    void aServerThatComesAndGoesDoesNotUpsetTheOrderOfTheOthers() {
        try (Lab lab = Lab.equal(10)) {
            List<Candidate> all = lab.candidates();
            List<Candidate> without = new ArrayList<>(all);
            without.remove(2);
            int[] counts = new int[10];
            Balancer.Picker picker = null;
            for (int i = 0; i < 30_000; i++) {
                if (i % 3 == 0) {
                    picker = balancer().picker(i % 6 == 0 ? all : without, picker);
                }
                counts[lab.index(picker.pick(lab))]++;
            }
            for (int i = 0; i < 10; i++) {
                if (i != 2) {
                    assertThat(counts[i]).isBetween(3000, 3400);
                }
            }
        }
    }

    /** gRPC-Java #4462: pickers that restarted at the first server gave the early ones three to four times the load. */
    @Test
    void bug23RebuildingDoesNotRestartAtTheFirstServer() {
        try (Lab lab = Lab.equal(7)) {
            Balancer.Picker picker = lab.picker(balancer());
            int expected = lab.index(picker.pick(lab));
            for (int i = 0; i < 100; i++) {
                picker = balancer().picker(lab.candidates(), picker);
                expected = (expected + 1) % 7;
                assertThat(lab.index(picker.pick(lab))).isEqualTo(expected);
            }
        }
    }

    /** Source: upstream_sticky_drain.t of nginx-tests: four peers, 16 requests, then one of them drains, 12 requests. */
    @Test
    void nginxTheTurnsGoRoundThoseThatAreNotDrained() {
        for (Balancer any : List.of(balancer(), Balancers.weightedRoundRobin())) {
            try (ServerPool pool = ServerPool.builder("draining")
                    .balancer(any)
                    .servers(IntStream.range(0, 4).mapToObj(Lab::server).toList())
                    .build()) {
                assertThat(turns(pool, 16)).isSubsetOf("s0 s1 s2 s3", "s1 s2 s3 s0", "s2 s3 s0 s1", "s3 s0 s1 s2");
                pool.drain("s0");
                assertThat(turns(pool, 12)).isSubsetOf("s1 s2 s3", "s2 s3 s1", "s3 s1 s2");
            }
        }
    }

    /** The next picks, in rounds of as many as there are servers to pick from; each round once. */
    private static Set<String> turns(ServerPool pool, int picks) {
        int round = picks / 4;
        Set<String> rounds = new HashSet<>();
        for (int i = 0; i < picks; i += round) {
            StringJoiner turns = new StringJoiner(" ");
            for (int j = 0; j < round; j++) {
                try (Attempt attempt = pool.pick()) {
                    turns.add(attempt.server().id());
                }
            }
            rounds.add(turns.toString());
        }
        assertThat(rounds).as("the same turns in each round").hasSize(1);
        return rounds;
    }

    /** Takes a server out at its third failure. */
    private static HealthMonitor.Watch maxFails(MonitoredPool pool) {
        AtomicInteger failures = new AtomicInteger();
        return new HealthMonitor.Watch() {
            @Override
            public OutcomeObserver joined(Candidate server) {
                return (outcome, nanos, trial) -> {
                    if (outcome == Outcome.FAILURE && failures.incrementAndGet() == 3) {
                        pool.raise(server, HealthCause.BREAKER, "three failures");
                    }
                };
            }

            @Override
            public void close() {}
        };
    }

    /**
     * Source: upstream.t of nginx-tests, {@code max_fails=3}: one of two peers fails every third request. Of the first nine
     * that it gets six succeed, then it is down, and of 30 requests it answers 6 and the other 24. There the count of
     * failures is the strategy's; here it is a health monitor's, and the strategy sees only who is left.
     */
    @Test
    void nginxAPeerThatFailsEveryThirdTimeAnswersSixOfThirty() throws Exception {
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
        try (ServerPool pool = ServerPool.builder("failing")
                .balancer(balancer())
                .scheduler(scheduler)
                .healthMonitors(RoundRobinTest::maxFails)
                .servers(Lab.server(0), Lab.server(1))
                .build()) {
            int[] sent = new int[2];
            int[] answered = new int[2];
            for (int i = 0; i < 30; i++) {
                Attempt attempt = pool.pick();
                int server = attempt.server().id().charAt(1) - '0';
                if (server == 0 && ++sent[0] % 3 == 0) {
                    attempt.complete(Outcome.FAILURE);
                    // What was raised has reached the picks when the scheduler has done what it was given so far.
                    scheduler.submit(() -> {}).get(1, TimeUnit.MINUTES);
                    attempt = attempt.another();
                    server = attempt.server().id().charAt(1) - '0';
                }
                attempt.complete(Outcome.SUCCESS);
                answered[server]++;
            }
            assertThat(sent[0]).isEqualTo(9);
            assertThat(answered).containsExactly(6, 24);
        } finally {
            scheduler.shutdownNow();
        }
    }
}
