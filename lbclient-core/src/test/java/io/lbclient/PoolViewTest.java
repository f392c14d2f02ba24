package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.server;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lbclient.balancer.Balancers;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PoolViewTest {
    private final PoolFixture fixture = new PoolFixture();

    private static List<String> picks(PoolView view, int count) {
        return IntStream.range(0, count).mapToObj(i -> id(view.pick())).toList();
    }

    @Test
    void aViewShowsWhatMeetsItsCondition() {
        ServerPool pool = fixture.builder()
                .balancer(Balancers.random())
                .servers(
                        server("a"),
                        server("b").withTag("role", "primary"),
                        server("c").withTag("role", "primary"))
                .build();
        PoolView primaries = pool.view(s -> "primary".equals(s.tags().get("role")));

        assertThat(picks(primaries, 100)).contains("b", "c").doesNotContain("a");
        assertThat(IntStream.range(0, 100).mapToObj(i -> id(pool.pick()))).contains("a", "b", "c");
    }

    @Test
    void aViewFollowsItsPool() {
        ServerPool pool = fixture.pool("a");
        PoolView view = pool.view(s -> s.id().startsWith("b"));
        assertThatExceptionOfType(NoServerAvailableException.class)
                .isThrownBy(view::pick)
                .withMessage("orders (view): no server available (0 servers)");

        pool.add(server("b1"));
        pool.add(server("b2"));
        assertThat(picks(view, 3)).containsOnly("b1");
        pool.drain("b1");
        assertThat(picks(view, 3)).containsOnly("b2");
        pool.resume("b1");
        pool.remove("b2");
        assertThat(picks(view, 3)).containsOnly("b1");
    }

    @Test
    void aViewSharesStatisticsAndHealthWithItsPool() {
        ServerPool pool = fixture.pool("a", "b");
        PoolView view = pool.view(s -> true);
        Attempt attempt = view.pick();
        assertThat(PoolFixture.of(pool, "a").inFlight()).isEqualTo(1);

        attempt.complete(Outcome.CONNECT_FAILURE);
        fixture.settle();
        assertThat(PoolFixture.of(pool, "a").state()).isEqualTo(HealthState.EJECTED);
        assertThat(id(pool.pick())).isEqualTo("b");
        assertThat(id(view.pick())).isEqualTo("b");
    }

    @Test
    void aViewHasAPositionOfItsOwn() {
        ServerPool pool = fixture.builder()
                .balancer(Balancers.roundRobin())
                .servers(servers(3))
                .build();
        PoolView one = pool.view(s -> true);
        PoolView two = pool.view(s -> true);
        String next = picks(one, 4).get(0);

        // Each goes round on its own, however often the others are asked in between.
        for (int i = 0; i < 30; i++) {
            two.pick();
            pool.pick();
        }
        assertThat(picks(one, 3).get(2)).isEqualTo(next);
        assertThat(new HashSet<>(picks(two, 3))).hasSize(3);
    }

    @Test
    void refreshAsksTheConditionAgain() {
        ServerPool pool = fixture.pool("a", "b");
        Set<String> ready = new HashSet<>(Set.of("a"));
        PoolView view = pool.view(s -> ready.contains(s.id()));
        ready.remove("a");
        ready.add("b");
        assertThat(id(view.pick())).isEqualTo("a");

        view.refresh();
        assertThat(id(view.pick())).isEqualTo("b");
    }

    @Test
    void aServerForWhichTheConditionThrowsIsLeftOut() {
        ServerPool pool = fixture.pool("a", "b");
        PoolView view = pool.view(s -> {
            if (s.id().equals("a")) {
                throw new IllegalStateException("a condition's mistake");
            }
            return true;
        });

        assertThat(picks(view, 5)).containsOnly("b");
        assertThat(id(pool.pick())).isEqualTo("a");
    }

    @Test
    void aClosedViewPicksNothingAndThePoolGoesOn() {
        ServerPool pool = fixture.pool("a");
        PoolView view = pool.view(s -> true);
        Attempt attempt = view.pick();
        view.close();
        view.close();
        view.refresh();
        pool.add(server("b"));

        assertThatExceptionOfType(NoServerAvailableException.class)
                .isThrownBy(view::pick)
                .withMessage("orders (view): no server available (closed)");
        assertThatExceptionOfType(NoServerAvailableException.class).isThrownBy(attempt::another);
        assertThat(attempt.hasAnother()).isFalse();
        attempt.complete(Outcome.SUCCESS);
        assertThat(PoolFixture.of(pool, "a").inFlight()).isZero();
        assertThat(id(pool.pick())).isEqualTo("a");
    }

    @Test
    void closingThePoolClosesItsViewsAndAViewOfAClosedPoolIsClosed() {
        ServerPool pool = fixture.pool("a");
        PoolView before = pool.view(s -> true);
        pool.close();
        PoolView after = pool.view(s -> true);

        assertThatExceptionOfType(NoServerAvailableException.class).isThrownBy(before::pick);
        assertThatExceptionOfType(NoServerAvailableException.class).isThrownBy(after::pick);
        after.refresh();
        after.close();
    }

    @Test
    void theLastResortOfAViewIsItsOwn() {
        ServerPool pool = fixture.pool("a", "b");
        PoolView onlyA = pool.view(s -> s.id().equals("a"));
        onlyA.pick().complete(Outcome.CONNECT_FAILURE);
        fixture.settle();

        assertThat(id(onlyA.pick())).isEqualTo("a");
        assertThat(id(pool.pick())).isEqualTo("b");
    }

    @Test
    void anAttemptStaysInItsView() {
        ServerPool pool = fixture.pool("a", "b", "c");
        PoolView view = pool.view(s -> !s.id().equals("b"));
        Attempt attempt = view.pick();

        assertThat(id(attempt.another())).isEqualTo("c");
        assertThat(attempt.another().hasAnother()).isFalse();
        assertThat(view).hasToString("orders (view)");
    }

    @Test
    void anUnreachableServerIsNotPickedAndCountsInItsTier() {
        ServerPool pool = fixture.builder()
                .servers(
                        server("a"),
                        server("b"),
                        server("c"),
                        server("d"),
                        server("standby").withTier(1))
                .build();
        Set<String> reachable = new HashSet<>(Set.of("a", "b", "c", "d", "standby"));
        PoolView view = pool.view(s -> true, s -> reachable.contains(s.id()));
        assertThat(picks(view, 100)).doesNotContain("standby");

        reachable.removeAll(Set.of("b", "c", "d"));
        view.refresh();
        assertThat(picks(view, 100)).contains("a", "standby").doesNotContain("b", "c", "d");
        assertThat(IntStream.range(0, 100).mapToObj(i -> id(pool.pick()))).doesNotContain("standby");
    }

    @Test
    void anUnreachableServerIsNotPickedForWantOfOthersEither() {
        ServerPool pool = fixture.pool("a", "b");
        Set<String> reachable = new HashSet<>(Set.of("b"));
        PoolView view = pool.view(s -> true, s -> reachable.contains(s.id()));
        for (String id : List.of("a", "b")) {
            pool.attempt(id).complete(Outcome.CONNECT_FAILURE);
        }
        view.refresh();
        assertThat(picks(view, 20)).containsOnly("b");

        reachable.clear();
        view.refresh();
        assertThat(view.hasServers()).isFalse();
        assertThatExceptionOfType(NoServerAvailableException.class)
                .isThrownBy(view::pick)
                .withMessageContaining("2 not connected");
        view.close();
    }

    @Test
    void anAttemptAtANamedServerIsCountedThereWhateverItsHealth() {
        ServerPool pool = fixture.pool("a", "b");
        pool.operator("anna").disable("a");

        Attempt attempt = pool.attempt("a");
        assertThat(attempt.server().id()).isEqualTo("a");
        assertThat(pool.snapshot().servers().get(0).inFlight()).isEqualTo(1);
        assertThat(attempt.complete(Outcome.CONNECT_FAILURE)).isTrue();

        assertThat(pool.snapshot().servers().get(0).inFlight()).isZero();
        assertThat(pool.snapshot().servers().get(0).causes()).contains(HealthCause.OUTLIER);
    }
}
