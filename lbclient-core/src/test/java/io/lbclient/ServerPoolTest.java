package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.of;
import static io.lbclient.PoolFixture.server;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.balancer.Balancers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServerPoolTest {
    private final PoolFixture fixture = new PoolFixture();

    private static List<String> ids(ServerPool pool) {
        return pool.snapshot().servers().stream().map(s -> s.server().id()).toList();
    }

    // Membership

    @Test
    void anUpdateKeepsWhatIsKnownOfAServerByItsId() {
        ServerPool pool = fixture.pool("a", "b");
        Attempt attempt = pool.pick();
        fixture.ticker.advanceNanos(9_000_000);
        attempt.answered();
        PoolFixture.pickOnce(pool, Outcome.FAILURE);

        pool.update(List.of(server("c"), server("a").withWeight(3).withZone("z")));

        assertThat(ids(pool)).containsExactly("c", "a");
        ServerSnapshot a = of(pool, "a");
        assertThat(a.server().zone()).isEqualTo("z");
        assertThat(a.weight()).isEqualTo(3);
        assertThat(a.inFlight()).isEqualTo(1);
        assertThat(a.picks()).isEqualTo(2);
        assertThat(a.failures()).isEqualTo(1);
        assertThat(a.latencyNanos()).isEqualTo(9_000_000);
        assertThat(attempt.server().weight()).isEqualTo(3);
        assertThat(fixture.news).containsExactly("added a", "added b", "added c", "updated a", "removed b");
    }

    @Test
    void anUpdateIsInForceWhenItReturns() {
        ServerPool pool = fixture.pool("a");
        pool.update(servers("b"));

        assertThat(id(pool.pick())).isEqualTo("b");
    }

    @Test
    void addingAKnownIdChangesItWhereItStands() {
        ServerPool pool = fixture.pool("a", "b");
        pool.add(server("c"));
        pool.add(server("a").withWeight(5));

        assertThat(ids(pool)).containsExactly("a", "b", "c");
        assertThat(of(pool, "a").weight()).isEqualTo(5);
    }

    @Test
    void removingSaysWhetherItWasThere() {
        ServerPool pool = fixture.pool("a", "b");

        assertThat(pool.remove("a")).isTrue();
        assertThat(pool.remove("a")).isFalse();
        assertThat(ids(pool)).containsExactly("b");
    }

    @Test
    void aServerThatWasRemovedAndAddedAgainStartsAnewAndItsOldAttemptEndsWhereItBegan() {
        ServerPool pool = fixture.pool("a");
        Attempt old = pool.pick();
        pool.remove("a");
        pool.add(server("a"));
        Attempt young = pool.pick();

        assertThat(of(pool, "a").inFlight()).isEqualTo(1);
        old.complete(Outcome.FAILURE);
        assertThat(of(pool, "a").inFlight()).isEqualTo(1);
        assertThat(of(pool, "a").failures()).isZero();
        young.complete(Outcome.SUCCESS);
        assertThat(of(pool, "a").inFlight()).isZero();
    }

    @Test
    void nothingCanBeRaisedOnAServerThatLeft() {
        JudgedPool judge = new JudgedPool();
        ServerPool pool = fixture.builder()
                .servers(servers("a", "b"))
                .healthMonitors(judge)
                .build();
        Candidate a = judge.candidate("a");
        pool.remove("a");
        fixture.news.clear();

        assertThat(judge.pool().raise(a, HealthCause.OUTLIER, "late")).isFalse();
        fixture.settle();
        assertThat(fixture.news).isEmpty();
    }

    @Test
    void anEmptyUpdateEmptiesThePoolAndAFullOneFillsItAgain() {
        ServerPool pool = fixture.pool("a");
        pool.update(List.of());
        assertThatExceptionOfType(NoServerAvailableException.class)
                .isThrownBy(pool::pick)
                .withMessage("orders: no server available (0 servers)");
        pool.update(servers("b"));

        assertThat(id(pool.pick())).isEqualTo("b");
        assertThat(fixture.news).containsExactly("added a", "removed a", "none of 0", "added b");
    }

    @Test
    void changingAClosedPoolIsRefused() {
        ServerPool pool = fixture.pool("a");
        pool.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> pool.update(servers("b")))
                .withMessage("orders: the pool is closed");
        assertThatIllegalStateException().isThrownBy(() -> pool.add(server("b")));
        assertThatIllegalStateException().isThrownBy(() -> pool.remove("a"));
    }

    // Picks

    @Test
    void aPickFromAPoolWithoutServersFailsCheaplyAndNamesPoolAndCounts() {
        ServerPool pool = fixture.pool("a", "b", "c");
        pool.drain("a");
        pool.drain("b");
        pool.drain("c");

        assertThatExceptionOfType(NoServerAvailableException.class)
                .isThrownBy(pool::pick)
                .withMessage("orders: no server available (3 servers: 3 DRAINING)")
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty())
                .satisfies(e -> {
                    e.addSuppressed(new IllegalStateException());
                    assertThat(e.getSuppressed()).isEmpty();
                });
    }

    @Test
    void aServerOfWeightZeroGetsNothingWhileAnotherHasAWeight() {
        // A strategy that knows nothing of weights: the rule is the pool's.
        ServerPool pool = fixture.builder()
                .balancer(PoolFixture.ANY)
                .servers(server("a").withWeight(0), server("b"), server("c").withWeight(0))
                .build();

        assertThat(IntStream.range(0, 200).mapToObj(i -> id(pool.pick()))).containsOnly("b");
        pool.remove("b");
        assertThat(IntStream.range(0, 200).mapToObj(i -> id(pool.pick()))).contains("a", "c");
        pool.add(server("c").withWeight(1e-300));
        assertThat(IntStream.range(0, 200).mapToObj(i -> id(pool.pick()))).containsOnly("c");
    }

    @Test
    void aChangeOfWeightMakesANewPicker() {
        List<List<Double>> made = new ArrayList<>();
        ServerPool pool = fixture.builder()
                .balancer((candidates, previous) -> {
                    made.add(candidates.stream().map(Candidate::weight).toList());
                    return context -> candidates.get(0);
                })
                .servers(servers("a", "b"))
                .build();
        pool.update(servers("a", "b"));
        pool.add(server("b").withZone("z"));
        assertThat(made).hasSize(1);

        pool.add(server("b").withWeight(4));
        assertThat(made).containsExactly(List.of(1.0, 1.0), List.of(1.0, 4.0));
    }

    @Test
    void aPickerKeepsItsPredecessorEvenAcrossAnEmptyPool() {
        List<Balancer.Picker> predecessors = new ArrayList<>();
        ServerPool pool = fixture.builder()
                .balancer((candidates, previous) -> {
                    if (previous != null) {
                        predecessors.add(previous);
                    }
                    return context -> candidates.get(0);
                })
                .servers(servers("a"))
                .build();
        pool.update(List.of());
        pool.update(servers("b"));

        assertThat(predecessors).hasSize(1);
    }

    @Test
    void whileAStrategyThrowsServersArePickedAtRandomAndTheNextRebuildAsksItAgain() {
        AtomicInteger broken = new AtomicInteger(1);
        ServerPool pool = fixture.builder()
                .balancer((candidates, previous) -> {
                    if (broken.get() == 1) {
                        throw new IllegalStateException("a strategy's mistake");
                    }
                    return context -> candidates.get(candidates.size() - 1);
                })
                .servers(servers("a", "b", "c"))
                .build();
        assertThat(IntStream.range(0, 300).mapToObj(i -> id(pool.pick()))).contains("a", "b", "c");

        broken.set(0);
        pool.update(servers("a", "b", "c"));
        assertThat(IntStream.range(0, 300).mapToObj(i -> id(pool.pick()))).containsOnly("c");
    }

    @Test
    void aPickerThatThrowsReachesTheCallerAndNothingIsInFlight() {
        ServerPool pool = fixture.builder()
                .balancer((candidates, previous) -> context -> {
                    throw new IllegalStateException("a picker's mistake");
                })
                .servers(servers("a"))
                .build();

        assertThatThrownBy(pool::pick).hasMessage("a picker's mistake");
        assertThat(of(pool, "a").inFlight()).isZero();
    }

    @Test
    void aStrategySeesTheCandidatesInTheirOrderAndCannotChangeThem() {
        List<List<? extends Candidate>> seen = new ArrayList<>();
        ServerPool pool = fixture.builder()
                .balancer((candidates, previous) -> {
                    seen.add(candidates);
                    return context -> candidates.get(0);
                })
                .servers(servers("c", "a", "b"))
                .build();

        assertThat(seen.get(0)).extracting(c -> c.server().id()).containsExactly("c", "a", "b");
        assertThat(seen.get(0)).isUnmodifiable();
        assertThat(pool.snapshot().servers()).isUnmodifiable();
    }

    @Test
    void theContextTellsTheRequestTheTimeAndWhatWasTried() {
        RequestView request = new RequestView() {};
        List<PickContext> contexts = new ArrayList<>();
        List<List<Boolean>> tried = new ArrayList<>();
        ServerPool pool = fixture.builder()
                .balancer((candidates, previous) -> context -> {
                    contexts.add(context);
                    tried.add(candidates.stream().map(context::tried).toList());
                    return candidates.get(contexts.size() - 1);
                })
                .servers(servers("a", "b"))
                .build();
        fixture.ticker.advanceNanos(77);
        pool.pick(request).another();

        assertThat(contexts.get(0).request()).isSameAs(request);
        assertThat(contexts.get(0).now()).isEqualTo(fixture.ticker.read());
        assertThat(tried).containsExactly(List.of(false, false), List.of(true, false));
    }

    // Settings

    @Test
    void settingsAreRejectedWhereTheyAreGiven() {
        ServerPoolBuilder builder = ServerPool.builder("x");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServerPool.builder("a b"))
                .withMessageStartingWith("name: \"a b\" (expected: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.latencyDecay(Duration.ZERO))
                .withMessageStartingWith("latencyDecay: PT0S (expected: > 0");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.latencyDecay(Duration.ofSeconds(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.latencyDecay(Duration.ofDays(300 * 366)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HealthMonitor.consecutiveFailures(0))
                .withMessage("failures: 0 (expected: >= 1)");
    }

    @Test
    void twoPoolsOfOneBuilderWithASeedPickTheSame() {
        ServerPoolBuilder builder =
                fixture.builder().balancer(Balancers.random()).servers(servers("a", "b", "c", "d"));
        ServerPool one = builder.build();
        ServerPool two = builder.build();

        assertThat(IntStream.range(0, 100).mapToObj(i -> id(one.pick())).toList())
                .isEqualTo(IntStream.range(0, 100).mapToObj(i -> id(two.pick())).toList());
    }

    @Test
    void aPoolThatCannotBeBuiltLeavesNothingRunning() {
        JudgedPool judge = new JudgedPool();
        ServerPoolBuilder builder = fixture.builder()
                .servers(server("a"), server("a").withWeight(2))
                .healthMonitors(judge);

        assertThatIllegalArgumentException().isThrownBy(builder::build);
        assertThat(judge.told).containsExactly("closed");
    }

    @Test
    void theSnapshotHasTheSharesOfTheLastTenToTwentySecondsHoweverOftenItIsTaken() {
        ServerPool pool = fixture.pool("a", "b");
        IntStream.range(0, 4).forEach(i -> pool.pick().close());
        for (int second = 0; second <= 20; second++) {
            assertThat(of(pool, "a").share()).isEqualTo(1);
            assertThat(of(pool, "b").share()).isZero();
            fixture.advance(Duration.ofSeconds(1));
        }

        fixture.advance(Duration.ofSeconds(9));
        assertThat(of(pool, "a").share()).isZero();
    }

    @Test
    void theSnapshotCountsTheEligible() {
        ServerPool pool = fixture.pool("a", "b", "c");
        pool.drain("a");

        assertThat(pool.snapshot().eligible()).isEqualTo(2);
        assertThat(pool.snapshot().pool()).isEqualTo("orders");
        assertThat(pool).hasToString("orders");
        assertThat(pool.name()).isEqualTo("orders");
    }
}
