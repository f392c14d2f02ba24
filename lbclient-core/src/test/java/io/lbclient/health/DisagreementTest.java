package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.HealthMonitor.Watch;
import io.lbclient.HealthState;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When those who know of servers do not agree: the list, the checks, and what has to be done with a newcomer. */
class DisagreementTest {
    private final Lab lab = new Lab();
    private final Set<String> ill = ConcurrentHashMap.newKeySet();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final HealthCheck check = (server, executor) -> {
        asked.add(server.id());
        return CompletableFuture.completedFuture(
                ill.contains(server.id()) ? HealthCheck.Result.failed("ill") : HealthCheck.Result.PASSED);
    };

    private ServerPool checked(int servers) {
        return lab.builder(ActiveChecks.of(check))
                .balancer(Balancers.roundRobin())
                .servers(Lab.servers(servers))
                .build();
    }

    private static Set<String> picked(ServerPool pool) {
        Set<String> ids = new TreeSet<>();
        for (int i = 0; i < 20; i++) {
            try (Attempt attempt = pool.pick()) {
                ids.add(attempt.server().id());
            } catch (NoServerAvailableException e) {
                ids.add("none");
            }
        }
        return ids;
    }

    /** The table of docs/health.md. */
    @ParameterizedTest(name = "listed: {0}, checks pass: {1}, another server: {2} -> picked: {3}, checked: {4}")
    @CsvSource({
        "true,  true,  true,  s0 s1, true",
        "true,  false, true,  s1,    true",
        "false, true,  true,  s1,    false",
        "false, false, true,  s1,    false",
        "true,  true,  false, s0,    true",
        "true,  false, false, s0,    true",
        "false, true,  false, none,  false",
        "false, false, false, none,  false"
    })
    @DisplayName("I18: the list says who is there, the checks who of them is picked")
    void incident18ListAndChecksDisagree(
            boolean listed, boolean passes, boolean another, String expected, boolean isAsked) {
        ServerPool pool = checked(another ? 2 : 1);
        lab.advanceSeconds(60);
        if (!passes) {
            ill.add("s0");
        }
        Attempt open = pool.pick();
        if (!listed) {
            pool.remove("s0");
        }
        lab.advanceSeconds(60);
        asked.clear();
        lab.advanceSeconds(60);

        assertThat(String.join(" ", picked(pool))).isEqualTo(expected);
        assertThat(asked.contains("s0")).isEqualTo(isAsked);
        // What is in flight goes on in any case.
        assertThat(open.complete(Outcome.SUCCESS)).isTrue();
    }

    @Test
    @DisplayName("I18: a server that is listed again is judged anew, whatever was known of it")
    void incident18AServerThatIsListedAgain() {
        ServerPool pool = checked(2);
        ill.add("s0");
        lab.advanceSeconds(60);
        assertThat(picked(pool)).containsExactly("s1");
        pool.remove("s0");
        pool.add(Lab.server(0));
        assertThat(picked(pool)).containsExactly("s0", "s1");
        lab.advanceSeconds(60);
        assertThat(picked(pool)).containsExactly("s1");
    }

    private static final class FailingWatch implements Watch {
        @Override
        public OutcomeObserver joined(Candidate server) {
            throw new IllegalStateException("no room for another one");
        }

        @Override
        public void left(Candidate server) {
            throw new IllegalStateException("unknown");
        }

        @Override
        public void close() {}
    }

    @Test
    @DisplayName("I6: who left is out, even if everything that a newcomer needs fails")
    void incident6ARemovalIsInForceWhateverFailsForANewcomer() {
        Balancer full = (candidates, previous) -> {
            if (candidates.stream().anyMatch(c -> c.server().id().equals("s2"))) {
                throw new IllegalStateException("all slots are taken");
            }
            return context -> candidates.get(0);
        };
        ServerPool pool = lab.builder(watched -> new FailingWatch())
                .balancer(full)
                .listener(new PoolListener() {
                    @Override
                    public void serverAdded(String name, Server server) {
                        throw new IllegalStateException("listener");
                    }
                })
                .servers(Lab.servers(2))
                .build();

        pool.update(List.of(Lab.server(1), Lab.server(2)));

        assertThat(picked(pool)).containsExactly("s1", "s2");
    }

    @Test
    @DisplayName("I6: a list that contradicts itself is refused whole, and the next one is in force whole")
    void incident6ABadListChangesNothing() {
        ServerPool pool = checked(2);
        List<Server> contradiction =
                List.of(Lab.server(5), Lab.server(6), Lab.server(6).withWeight(2));
        assertThatIllegalArgumentException().isThrownBy(() -> pool.update(contradiction));
        assertThat(picked(pool)).containsExactly("s0", "s1");

        pool.update(List.of(Lab.server(5), Lab.server(6)));
        assertThat(picked(pool)).containsExactly("s5", "s6");
    }

    @Test
    @DisplayName("I6: after any number of lists, good and bad, the pool is the last good one")
    void incident6NoDrift() {
        ServerPool pool = checked(3);
        SplittableRandom random = new SplittableRandom(6);
        List<Server> last = Lab.servers(3);
        for (int i = 0; i < 2_000; i++) {
            List<Server> list = new ArrayList<>(IntStream.range(0, 12)
                    .filter(n -> random.nextBoolean())
                    .mapToObj(Lab::server)
                    .toList());
            boolean bad = !list.isEmpty() && random.nextInt(4) == 0;
            if (bad) {
                list.add(list.get(random.nextInt(list.size())).withZone("elsewhere"));
                assertThatIllegalArgumentException().isThrownBy(() -> pool.update(list));
            } else {
                pool.update(list);
                last = list;
            }
            lab.scheduler.advance(Duration.ofMillis(random.nextInt(3_000)));
            assertThat(pool.snapshot().servers().stream().map(s -> s.server())).containsExactlyElementsOf(last);
        }
        assertThat(pool.snapshot().servers())
                .allSatisfy(s -> assertThat(s.state()).isEqualTo(HealthState.HEALTHY));
    }
}
