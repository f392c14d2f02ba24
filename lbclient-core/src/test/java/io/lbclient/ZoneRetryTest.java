package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.balancer.Balancers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Where a further attempt goes, as far as zones are concerned. */
class ZoneRetryTest {
    private final PoolFixture fixture = new PoolFixture();

    private static List<Server> servers(int near, int far) {
        List<Server> servers = new ArrayList<>();
        for (int i = 0; i < near; i++) {
            servers.add(PoolFixture.server("near" + i).withZone("near"));
        }
        for (int i = 0; i < far; i++) {
            servers.add(PoolFixture.server("far" + i).withZone("far"));
        }
        return servers;
    }

    private ServerPool pool(boolean affinity, int near, int far) {
        ServerPoolBuilder builder =
                fixture.builder().balancer(Balancers.random()).healthMonitors().servers(servers(near, far));
        return (affinity ? builder.zoneAffinity(ZoneAffinity.preferring("near").withMinServers(1)) : builder).build();
    }

    private static void fail(ServerPool pool, String prefix, int times) {
        for (int i = 0; i < 50 * times; i++) {
            try (Attempt attempt = pool.pick()) {
                if (id(attempt).startsWith(prefix)) {
                    attempt.complete(Outcome.FAILURE);
                } else {
                    attempt.complete(Outcome.SUCCESS);
                }
            }
        }
    }

    private static Attempt startingAt(ServerPool pool, String prefix) {
        for (int i = 0; i < 1000; i++) {
            Attempt attempt = pool.pick();
            if (id(attempt).startsWith(prefix)) {
                return attempt;
            }
            attempt.close();
        }
        throw new AssertionError("no pick went to " + prefix);
    }

    @Test
    void aRetryLeavesAZoneThatLooksBad() {
        for (boolean affinity : new boolean[] {false, true}) {
            ServerPool pool = pool(affinity, 3, 3);
            fail(pool, "near", 3);
            for (int i = 0; i < 200; i++) {
                Attempt first = startingAt(pool, "near");
                assertThat(id(first.another())).as("affinity " + affinity).startsWith("far");
            }
        }
    }

    /** Where a retry goes when the first of two servers has just ended like this, and the second one is well. */
    private String afterEndings(Outcome... endings) {
        ServerPool pool = pool(true, 2, 2);
        Attempt last = null;
        for (Outcome ending : endings) {
            last = startingAt(pool, "near0");
            last.complete(ending);
        }
        return id(last.another()).substring(0, 3);
    }

    @Test
    @DisplayName(
            "a server looks bad after two failures in a row, or with two good answers between them; not after one, "
                    + "nor with three")
    void howManyFailuresMakeAServerLookBad() {
        Outcome bad = Outcome.FAILURE;
        Outcome good = Outcome.SUCCESS;

        // One of the zone's two servers is half of them.
        assertThat(afterEndings(bad)).isEqualTo("nea");
        assertThat(afterEndings(bad, bad)).isEqualTo("far");
        assertThat(afterEndings(bad, good, good, bad)).isEqualTo("far");
        assertThat(afterEndings(bad, good, good, good, bad)).isEqualTo("nea");
    }

    @Test
    void aRetryDoesNotLeaveItsTierOnlyToLeaveAZoneThatLooksBad() {
        List<Server> servers = servers(3, 0);
        servers.add(PoolFixture.server("standby").withZone("far").withTier(1));
        ServerPool pool = fixture.builder().healthMonitors().servers(servers).build();
        for (int i = 0; i < 3; i++) {
            pool.attempt("near" + i).complete(Outcome.FAILURE);
            pool.attempt("near" + i).complete(Outcome.FAILURE);
        }

        assertThat(id(pool.pick().another())).startsWith("near");
    }

    @Test
    void oneOfThreeServersDoesNotMakeAZoneLookBad() {
        ServerPool pool = pool(true, 3, 3);
        Attempt last = startingAt(pool, "near0");
        for (int i = 0; i < 5; i++) {
            last.complete(Outcome.FAILURE);
            last = startingAt(pool, "near0");
        }
        last.complete(Outcome.FAILURE);

        assertThat(id(last.another())).startsWith("near");
    }

    @Test
    void aRetryStaysInAZoneThatIsWell() {
        ServerPool pool = pool(true, 3, 3);
        fail(pool, "near0", 3);
        for (int i = 0; i < 200; i++) {
            assertThat(id(startingAt(pool, "near0").another())).matches("near[12]");
        }
    }

    @Test
    void whenAllServersOfTheOwnZoneWereTriedARetryGoesToAnother() {
        ServerPool pool = pool(true, 2, 2);
        Attempt second = startingAt(pool, "near").another();
        assertThat(id(second)).startsWith("near");
        assertThat(second.hasAnother()).isTrue();
        Attempt third = second.another();
        assertThat(id(third)).startsWith("far");
        assertThat(id(third.another())).startsWith("far");
        assertThat(third.another().hasAnother()).isFalse();
    }

    @Test
    void whenTheOwnZoneIsFullAPickGoesToAnother() {
        ServerPool pool = fixture.builder()
                .healthMonitors(PoolFixture.watching((monitored, server) -> {
                    monitored.limitInFlight(server, 1);
                    return HealthMonitor.OutcomeObserver.NONE;
                }))
                .servers(servers(2, 2))
                .zoneAffinity(ZoneAffinity.preferring("near").withMinServers(1))
                .build();
        assertThat(List.of(id(pool.pick()), id(pool.pick()))).containsExactlyInAnyOrder("near0", "near1");
        assertThat(List.of(id(pool.pick()), id(pool.pick()))).containsExactlyInAnyOrder("far0", "far1");
    }
}
