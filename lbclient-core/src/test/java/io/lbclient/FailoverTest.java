package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.server;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FailoverTest {
    private final PoolFixture fixture = new PoolFixture();
    private final List<String> told = new ArrayList<>();
    private final JudgedPool judge = new JudgedPool();

    private ServerPool pool(Failover failover, Server... servers) {
        return fixture.builder()
                .balancer(PoolFixture.ANY)
                .failover(failover)
                .healthMonitors(judge)
                .listener(new PoolListener() {
                    @Override
                    public void panicChanged(PoolSnapshot snapshot, Set<Integer> tiers) {
                        told.add("panic " + tiers);
                    }

                    @Override
                    public void failedOver(String pool, Map<Integer, Integer> before, Map<Integer, Integer> after) {
                        told.add(before + " to " + after);
                    }
                })
                .servers(servers)
                .build();
    }

    private void fail(String id) {
        judge.raise(id, HealthCause.OUTLIER);
        fixture.settle();
    }

    private void heal(String id) {
        judge.clear(id, HealthCause.OUTLIER);
        fixture.settle();
    }

    private static double shareOf(ServerPool pool, String prefix) {
        int hits = 0;
        for (int i = 0; i < 20_000; i++) {
            try (Attempt attempt = pool.pick()) {
                hits += id(attempt).startsWith(prefix) ? 1 : 0;
            }
        }
        return hits / 20_000.0;
    }

    @Test
    void aStandbyTierStepsInByDegreesAndStepsBack() {
        ServerPool pool = pool(
                Failover.DEFAULT, server("p1"), server("p2"), server("standby").withTier(1));
        assertThat(shareOf(pool, "p")).isEqualTo(1.0);

        fail("p1");
        assertThat(shareOf(pool, "standby")).isCloseTo(0.30, within(0.02));

        fail("p2");
        assertThat(shareOf(pool, "standby")).isEqualTo(1.0);

        heal("p1");
        heal("p2");
        assertThat(shareOf(pool, "p")).isEqualTo(1.0);
        assertThat(told)
                .containsExactly(
                        "{0=100} to {0=70, 1=30}",
                        "{0=70, 1=30} to {1=100}",
                        "{1=100} to {0=70, 1=30}",
                        "{0=70, 1=30} to {0=100}");
    }

    @Test
    void inPanicAllServersOfATierArePicked() {
        ServerPool pool =
                pool(Failover.DEFAULT.withPanicThreshold(50), server("a"), server("b"), server("c"), server("d"));
        fail("a");
        fail("b");
        assertThat(shareOf(pool, "a")).as("half are healthy, which is enough").isZero();

        fail("c");
        assertThat(shareOf(pool, "a")).isCloseTo(0.25, within(0.02));

        heal("c");
        assertThat(shareOf(pool, "a")).isZero();
        assertThat(told).containsExactly("panic [0]", "panic []");
    }

    @Test
    void whoChoseToFailInPanicGetsAnErrorAtOnce() {
        ServerPool pool = pool(Failover.DEFAULT.withPanicThreshold(50).failingInPanic(), server("a"), server("b"));
        fail("a");
        assertThat(shareOf(pool, "b")).isEqualTo(1.0);

        fail("b");
        assertThatThrownBy(pool::pick)
                .isInstanceOf(NoServerAvailableException.class)
                .hasMessage("orders: no server available (2 servers: 2 EJECTED)");
    }

    @Test
    void aSecondTryReachesAnotherTierWhenItsOwnWasTriedWhole() {
        ServerPool pool =
                pool(Failover.DEFAULT, server("p1"), server("p2"), server("s").withTier(1));
        fail("p1");

        Attempt first = pool.pick();
        Attempt second = first.another();

        assertThat(Set.of(id(first), id(second))).containsExactlyInAnyOrder("p2", "s");
        assertThat(second.hasAnother()).isFalse();
    }

    @Test
    void aDrainedServerIsNotPickedEvenInPanic() {
        ServerPool pool = pool(Failover.DEFAULT, server("a"), server("b"));
        pool.drain("a");
        fail("b");

        assertThat(shareOf(pool, "b")).isEqualTo(1.0);
    }

    @Test
    void aServerThatAskedForLessIsLeftAloneUntilThen() {
        ServerPool pool = pool(Failover.DEFAULT, server("a"), server("b"), server("c"));
        try (Attempt attempt = pool.pick()) {
            attempt.pushBack(Duration.ofSeconds(2));
            String asked = id(attempt);

            assertThat(shareOf(pool, asked)).isLessThan(0.02);
            fixture.advance(Duration.ofSeconds(2));
            assertThat(shareOf(pool, asked)).isCloseTo(1.0 / 3, within(0.02));
        }
    }

    @Test
    void aDateUntilWhichAServerAsksToBeLeftAloneIsReadByThePoolsWallClock() {
        Instant now = Instant.parse("2026-03-01T12:00:00Z");
        ServerPool pool = fixture.builder()
                .wallClock(() -> now)
                .servers(server("a"), server("b"))
                .build();
        for (Instant past : List.of(now, now.minusSeconds(1), Instant.EPOCH, Instant.MIN)) {
            pool.pick().pushBackUntil(past);
        }
        assertThat(id(pool.pick())).as("what has passed is nothing").isEqualTo("a");

        pool.pick().pushBackUntil(now.plusSeconds(20));
        fixture.advance(Duration.ofSeconds(19));
        assertThat(id(pool.pick())).isEqualTo("b");
        fixture.advance(Duration.ofSeconds(1));
        assertThat(id(pool.pick())).isEqualTo("a");

        pool.pick().pushBackUntil(Instant.MAX);
        fixture.advance(Duration.ofMinutes(5).minusNanos(1));
        assertThat(id(pool.pick())).as("no more than five minutes").isEqualTo("b");
        fixture.advance(Duration.ofNanos(1));
        assertThat(id(pool.pick())).isEqualTo("a");
    }

    @Test
    void theSnapshotSaysUntilWhenAServerAskedToBeLeftAlone() {
        Instant now = Instant.parse("2026-03-01T12:00:00Z");
        ServerPool pool = fixture.builder()
                .wallClock(() -> now)
                .servers(server("a"), server("b"))
                .build();
        assertThat(PoolFixture.of(pool, "a").pushedBackUntil()).isNull();

        pool.pick().pushBack(Duration.ofSeconds(20));
        assertThat(PoolFixture.of(pool, "a").pushedBackUntil()).isEqualTo(now.plusSeconds(20));
        assertThat(PoolFixture.of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);
        assertThat(PoolFixture.of(pool, "b").pushedBackUntil()).isNull();

        fixture.advance(Duration.ofSeconds(20));
        assertThat(PoolFixture.of(pool, "a").pushedBackUntil()).isNull();
    }

    @Test
    void ofTwoTimesForWhichAServerAskedTheLaterOneCounts() {
        ServerPool pool = fixture.pool("a", "b");
        Attempt attempt = pool.pick();
        attempt.pushBack(Duration.ofSeconds(20));
        attempt.pushBack(Duration.ofSeconds(5));
        fixture.advance(Duration.ofSeconds(19));
        assertThat(id(pool.pick())).isEqualTo("b");

        attempt.pushBack(Duration.ofSeconds(5));
        fixture.advance(Duration.ofSeconds(4));
        assertThat(id(pool.pick())).isEqualTo("b");
        fixture.advance(Duration.ofSeconds(1));
        assertThat(id(pool.pick())).isEqualTo("a");
    }

    @Test
    void whenAllAskForLessTheyArePickedNevertheless() {
        ServerPool pool = pool(Failover.DEFAULT, server("a"));
        try (Attempt attempt = pool.pick()) {
            attempt.pushBack(Duration.ofHours(1));
        }

        assertThat(shareOf(pool, "a")).isEqualTo(1.0);
    }

    @Test
    void aPoolThatFailsInPanicComesBackByATrial() {
        ServerPool pool = pool(Failover.DEFAULT.failingInPanic(), server("a"));
        fail("a");
        assertThatThrownBy(pool::pick).isInstanceOf(NoServerAvailableException.class);

        judge.offerTrial("a");
        fixture.settle();

        assertThat(id(pool.pick())).isEqualTo("a");
        assertThatThrownBy(pool::pick).as("one offer, one pick").isInstanceOf(NoServerAvailableException.class);
    }

    @Test
    void aTierOfWeightZeroGetsNothingWhileAnotherHasAWeight() {
        ServerPool pool = pool(
                Failover.DEFAULT,
                server("p1").withWeight(0),
                server("p2").withWeight(0),
                server("s").withTier(1));
        assertThat(shareOf(pool, "s")).isEqualTo(1.0);

        fail("s");
        assertThat(shareOf(pool, "p")).as("now the weights say nothing").isEqualTo(1.0);
    }

    @Test
    void badSettingsAreRefused() {
        assertThatThrownBy(() -> Failover.DEFAULT.withPanicThreshold(101))
                .hasMessage("panicThreshold: 101 (expected: 0 to 100)");
        assertThatThrownBy(() -> Failover.DEFAULT.withOverprovisioningPercent(99))
                .hasMessage("overprovisioningPercent: 99 (expected: >= 100)");
    }

    @Test
    void aRequestThatFoundTheWholeFirstTierDeadGoesToAStandbyBeforeTheLoadHasMoved() {
        ServerPool pool = pool(
                Failover.DEFAULT,
                server("a"),
                server("b"),
                server("s1").withTier(1),
                server("s2").withTier(1),
                server("t").withTier(2));
        fail("s1");

        Attempt attempt = pool.pick();
        List<String> tried = new ArrayList<>();
        tried.add(id(attempt));
        while (attempt.hasAnother()) {
            attempt = attempt.another();
            tried.add(id(attempt));
        }

        assertThat(tried.subList(0, 2)).containsExactlyInAnyOrder("a", "b");
        assertThat(tried.subList(2, tried.size())).containsExactly("s2", "t");
        assertThat(List.of("a", "b", "s2", "t")).contains(id(attempt.another()));
        assertThat(shareOf(pool, "s")).as("of what is not a retry").isZero();
    }

    @Test
    void aRequestThatFoundItsOwnZoneDeadGoesToAnother() {
        ServerPool pool = fixture.builder()
                .zoneAffinity(ZoneAffinity.preferring("here").withMinServers(1))
                .servers(server("a").withZone("here"), server("b").withZone("there"))
                .build();

        Attempt attempt = pool.pick();

        assertThat(id(attempt)).isEqualTo("a");
        assertThat(attempt.hasAnother()).isTrue();
        assertThat(id(attempt.another())).isEqualTo("b");
    }

    @Test
    void aStandbyThatAskedToBeLeftAloneGetsARetryOnlyWhereNoOtherIsLeft() {
        ServerPool pool = pool(
                Failover.DEFAULT,
                server("a"),
                server("s1").withTier(1),
                server("s2").withTier(1),
                server("s3").withTier(1));
        Attempt first = pool.pick().another();
        first.pushBack(Duration.ofMinutes(1));
        first.complete(Outcome.OVERLOADED);

        for (int i = 0; i < 20; i++) {
            Attempt second = pool.pick().another();
            Attempt third = second.another();
            assertThat(List.of(id(second), id(third))).doesNotContain(id(first));
            assertThat(id(third.another())).isEqualTo(id(first));
        }
    }

    @Test
    void aTierThatFailsInItsPanicGetsNoRetriesEither() {
        ServerPool pool = pool(
                Failover.DEFAULT
                        .withOverprovisioningPercent(100)
                        .withPanicThreshold(60)
                        .failingInPanic(),
                server("a"),
                server("b"),
                server("c"),
                server("s").withTier(1),
                server("t").withTier(1),
                server("u").withTier(1));
        List.of("a", "b", "u").forEach(this::fail);
        assertThat(told).as("a third of tier 0 is well").contains("panic [0]");

        Attempt attempt = pool.pick();
        List<String> tried = new ArrayList<>();
        tried.add(id(attempt));
        while (attempt.hasAnother()) {
            attempt = attempt.another();
            tried.add(id(attempt));
        }

        assertThat(tried).containsExactlyInAnyOrder("s", "t");
    }
}
