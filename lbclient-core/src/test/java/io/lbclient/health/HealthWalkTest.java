package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.failsafe.CircuitBreaker;
import io.lbclient.Attempt;
import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor;
import io.lbclient.HealthState;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Operator;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.balancer.Balancers;
import io.lbclient.health.HealthCheck.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All monitors at once, and anything that may happen to a pool, in random order. */
class HealthWalkTest {
    private static final Map<HealthCause, HealthState> STATES = Map.of(
            HealthCause.ACTIVE_CHECK, HealthState.UNHEALTHY,
            HealthCause.OUTLIER, HealthState.EJECTED,
            HealthCause.BREAKER, HealthState.EJECTED,
            HealthCause.WARMING, HealthState.WARMING,
            HealthCause.DRAINING, HealthState.DRAINING,
            HealthCause.OPERATOR, HealthState.DRAINING);

    private final Lab lab = new Lab();
    private final Set<String> failChecks = new HashSet<>();
    private final Set<String> failRequests = new HashSet<>();
    private final Set<String> draining = new HashSet<>();
    private final Map<String, Operator.Action> operated = new HashMap<>();
    private final List<Attempt> inFlight = new ArrayList<>();
    private Set<String> members = new HashSet<>();

    private ServerPool walkedPool(long seed) {
        HealthCheck check = (server, executor) -> CompletableFuture.completedFuture(
                failChecks.contains(server.id()) ? Result.failed("bad") : Result.PASSED);
        return lab.builder(
                        HealthMonitor.consecutiveFailures(4),
                        OutlierDetection.builder()
                                .maxEjectionPercent(50)
                                .consecutiveFailures(3)
                                .successRate(2, 5, 1.0)
                                .returnByTrial(seed % 2 == 0)
                                .build(),
                        CircuitBreaking.of(CircuitBreaker.builder()
                                .withFailureThreshold(4, 6)
                                .withSuccessThreshold(2)
                                .withDelay(Duration.ofSeconds(7))),
                        ActiveChecks.builder(check)
                                .waitForFirstPass(seed % 3 == 0)
                                .readmitsEjected(seed % 4 == 0)
                                .build(),
                        SlowStart.over(Duration.ofSeconds(20)))
                .seed(seed)
                .balancer(Balancers.roundRobin())
                .build();
    }

    @ParameterizedTest
    @DisplayName("a pick is in the set or an explicit error, a state is what its causes say, and all come back")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void walk(long seed) {
        Random random = new Random(seed);
        ServerPool pool = walkedPool(seed);
        Set<HealthCause> seen = EnumSet.noneOf(HealthCause.class);
        for (int i = 0; i < 20_000; i++) {
            act(pool, random);
            if (i % 20 == 0) {
                lab.scheduler.runDue();
                pool.snapshot().servers().forEach(server -> {
                    assertStateIsWhatTheCausesSay(server);
                    seen.addAll(server.causes());
                });
            }
        }
        assertThat(seen)
                .contains(
                        HealthCause.ACTIVE_CHECK,
                        HealthCause.OUTLIER,
                        HealthCause.BREAKER,
                        HealthCause.WARMING,
                        HealthCause.DRAINING,
                        HealthCause.OPERATOR);
        assertEverybodyComesBack(pool);
        pool.close();
        lab.advanceSeconds(60);
        assertThat(lab.scheduler.waiting()).isZero();
    }

    private void act(ServerPool pool, Random random) {
        String server = "s" + random.nextInt(12);
        switch (random.nextInt(40)) {
            case 0 -> toggle(failChecks, server);
            case 1, 2 -> toggle(failRequests, server);
            case 3 -> update(pool, random);
            case 4 -> toggleDrain(pool, server);
            case 5 -> operate(pool, server, random);
            case 6, 7, 8 -> lab.scheduler.advance(Duration.ofMillis(random.nextInt(4000)));
            default -> request(pool, random);
        }
    }

    private static void toggle(Set<String> set, String element) {
        if (!set.remove(element)) {
            set.add(element);
        }
    }

    private void update(ServerPool pool, Random random) {
        List<Server> next =
                Lab.servers(12).stream().filter(s -> random.nextInt(4) > 0).toList();
        pool.update(random.nextInt(30) == 0 ? List.of() : next);
        members = pool.snapshot().servers().stream().map(s -> s.server().id()).collect(Collectors.toSet());
        draining.retainAll(members);
        operated.keySet().retainAll(members);
    }

    private void operate(ServerPool pool, String server, Random random) {
        if (!members.contains(server)) {
            return;
        }
        Operator operator = pool.operator("anna");
        switch (random.nextInt(8)) {
            case 0 -> {
                operator.drain(server);
                operated.put(server, Operator.Action.DRAIN);
            }
            case 1 -> {
                operator.disable(server);
                operated.put(server, Operator.Action.DISABLE);
            }
            case 2, 3 -> {
                operator.enable(server);
                operated.put(server, Operator.Action.ENABLE);
            }
            case 4 -> operator.weight(server, random.nextInt(3));
            default -> {
                operator.clear(server);
                operated.remove(server);
            }
        }
    }

    /** What a person enabled is picked, whatever else was said of it. */
    private boolean withdrawn(String server) {
        Operator.Action action = operated.get(server);
        return action == null ? draining.contains(server) : action != Operator.Action.ENABLE;
    }

    private void toggleDrain(ServerPool pool, String server) {
        if (draining.remove(server)) {
            pool.resume(server);
        } else if (members.contains(server)) {
            pool.drain(server);
            draining.add(server);
        }
    }

    private void request(ServerPool pool, Random random) {
        if (random.nextInt(3) > 0 && !inFlight.isEmpty()) {
            Attempt attempt = inFlight.remove(random.nextInt(inFlight.size()));
            boolean bad = failRequests.contains(attempt.server().id());
            Outcome[] failures = {Outcome.FAILURE, Outcome.TIMEOUT, Outcome.CONNECT_FAILURE, Outcome.OVERLOADED};
            attempt.complete(bad ? failures[random.nextInt(4)] : Outcome.SUCCESS);
            return;
        }
        try {
            Attempt attempt = pool.pick();
            assertThat(members).contains(attempt.server().id());
            assertThat(withdrawn(attempt.server().id())).isFalse();
            inFlight.add(attempt);
        } catch (NoServerAvailableException e) {
            // Only if nobody is left but those that were withdrawn by hand.
            assertThat(members).allMatch(this::withdrawn);
        }
    }

    private void assertStateIsWhatTheCausesSay(ServerSnapshot server) {
        if (operated.get(server.server().id()) == Operator.Action.ENABLE) {
            assertThat(server.state()).isEqualTo(HealthState.HEALTHY);
            return;
        }
        HealthState worst = server.causes().stream()
                .map(STATES::get)
                .max(HealthState::compareTo)
                .orElse(HealthState.HEALTHY);
        assertThat(server.state()).isEqualTo(worst);
    }

    /** Time and a few requests are all that it takes. */
    private void assertEverybodyComesBack(ServerPool pool) {
        failChecks.clear();
        failRequests.clear();
        draining.forEach(pool::resume);
        members.forEach(server -> pool.operator("anna").clear(server));
        inFlight.forEach(Attempt::close);
        pool.update(Lab.servers(12));
        for (int i = 0; i < 12_000; i++) {
            pool.pick().complete(Outcome.SUCCESS);
            lab.scheduler.advance(Duration.ofMillis(100));
        }
        assertThat(pool.snapshot().servers()).hasSize(12).allSatisfy(server -> {
            assertThat(server.state()).isEqualTo(HealthState.HEALTHY);
            assertThat(server.inFlight()).isZero();
            assertThat(server.picks()).isPositive();
        });
    }
}
