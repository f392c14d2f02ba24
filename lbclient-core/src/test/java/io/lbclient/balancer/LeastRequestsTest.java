package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Outcome;
import io.lbclient.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class LeastRequestsTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.leastRequests();
    }

    /** Source: upstream_least_conn.t of nginx-tests. */
    @Test
    void nginxTenRequestsOneAfterTheOtherAreSharedFiveToFive() {
        try (Lab lab = Lab.equal(2)) {
            Balancer.Picker picker = lab.picker(balancer());
            int[] counts = new int[2];
            for (int i = 0; i < 10; i++) {
                Attempt attempt = lab.begin(picker.pick(lab));
                counts[Integer.parseInt(attempt.server().id().substring(1))]++;
                attempt.complete(Outcome.SUCCESS);
            }
            assertThat(counts).containsExactly(5, 5);
        }
    }

    /** Source: upstream_least_conn.t of nginx-tests: while one peer hangs, all ten further requests go to the other. */
    @Test
    void nginxAServerThatHangsGetsNoFurtherRequest() {
        try (Lab lab = Lab.equal(2)) {
            lab.begin(0);
            assertThat(lab.counts(lab.picker(balancer()), 10)).containsExactly(0, 10);
        }
    }

    /** Connections 2 and 3 with weights 1 and 2: ratios 2 and 1.5. */
    @Test
    void theCountIsComparedInRelationToTheWeight() {
        try (Lab lab = Lab.of(1, 2)) {
            lab.beginMany(0, 2);
            lab.beginMany(1, 3);
            assertThat(lab.counts(lab.picker(balancer()), 10)).containsExactly(0, 10);
        }
    }

    @Test
    void ratiosThatAreEqualTieExactly() {
        try (Lab lab = Lab.of(3, 1, 7).seed(3)) {
            lab.beginMany(0, 3);
            lab.beginMany(1, 1);
            lab.beginMany(2, 7);
            int[] counts = lab.counts(lab.picker(balancer()), 1100);
            assertThat(ChiSquare.ofCritical(counts, new double[] {3, 1, 7})).isLessThan(1);
        }
    }

    /** Source: Envoy's documentation of the full scan: ties are broken evenly, not towards the first. */
    @Test
    void tiesDoNotGoToTheFirst() {
        try (Lab lab = Lab.equal(5)) {
            lab.begin(1);
            lab.begin(3);
            assertThat(lab.counts(lab.picker(balancer()), 300)).containsExactly(100, 0, 100, 0, 100);
        }
    }

    /** Envoy #44989 for the pool at large: a burst spreads, because an attempt counts from the pick on. */
    @Test
    void aBurstSpreadsBeforeAnythingIsAnswered() {
        try (Lab lab = Lab.equal(10)) {
            Balancer.Picker picker = lab.picker(balancer());
            for (int i = 0; i < 100; i++) {
                lab.begin(picker.pick(lab));
            }
            assertThat(lab.candidates())
                    .allSatisfy(c -> assertThat(c.inFlight()).isEqualTo(10));
        }
    }

    /** gRPC-Java f4cc166f18: pickers shared an array that each pick wrote to. */
    @Test
    void bug22PicksOfSeveralThreadsDoNotDisturbEachOther() {
        try (Lab lab = Lab.equal(10)) {
            Balancer.Picker picker = lab.picker(balancer());
            AtomicIntegerArray counts = new AtomicIntegerArray(10);
            Threads.run(8, thread -> () -> {
                for (int i = 0; i < 1000; i++) {
                    counts.incrementAndGet(lab.index(picker.pick(lab)));
                }
            });
            for (int i = 0; i < 10; i++) {
                assertThat(counts.get(i)).isEqualTo(800);
            }
        }
    }

    /** HAProxy e28e647fe: a server to be avoided was still counted as usable, and the search for one never ended. */
    @Test
    void bug35DrainedServersAreNotLookedAt() {
        try (Lab lab = Lab.of(0, 0, 1, 0)) {
            List<String> seen = new ArrayList<>();
            Load load = (server, now) -> {
                seen.add(server.server().id());
                return server.inFlight();
            };
            lab.beginMany(2, 100);
            for (int choices : new int[] {2, Choices.ALL}) {
                seen.clear();
                assertThat(lab.order(lab.picker(Choices.by(load, choices)), 1)).isEqualTo("2");
                assertThat(seen).containsExactly("s2");
            }
        }
    }
}
