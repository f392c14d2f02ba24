package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.failsafe.CircuitBreaker;
import io.lbclient.Failover;
import io.lbclient.HealthCause;
import io.lbclient.HealthChange;
import io.lbclient.HealthMonitor;
import io.lbclient.HealthState;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.health.HealthCheck.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Every change is one event and one line of the log, and the snapshot says the same. */
@DisplayName("each change is told once, with server, states, cause, figures and the time until which it stands:")
class ExplainedTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final Lab lab = new Lab();
    private final long start = lab.ticker.read();
    private final Logger logger = (Logger) org.slf4j.LoggerFactory.getLogger(ServerPool.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void record() {
        log.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
    }

    @AfterEach
    void stopRecording() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    private ServerPool pool(int servers, HealthMonitor... monitors) {
        return lab.builder(monitors)
                .wallClock(() -> NOON.plusNanos(lab.ticker.read() - start))
                .servers(Lab.servers(servers))
                .build();
    }

    /** The lines since the last call, without those about who joined. */
    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        log.list.forEach(event -> lines.add(event.getLevel() + " " + event.getFormattedMessage()));
        log.list.clear();
        lines.removeIf(line -> line.endsWith(" joined"));
        return lines;
    }

    private HealthChange lastChange() {
        return lab.changes.get(lab.changes.size() - 1);
    }

    private void assertExplained(ServerSnapshot server, HealthState state, String detail, String until) {
        assertThat(server.state()).isEqualTo(state);
        assertThat(server.detail()).isEqualTo(detail);
        assertThat(server.until()).isEqualTo(until.isEmpty() ? null : Instant.parse(until));
        assertThat(lastChange().detail()).isEqualTo(detail);
        assertThat(lastChange().until()).isEqualTo(server.until());
        assertThat(lastChange().to()).isEqualTo(state);
    }

    @Test
    @DisplayName("the default detector")
    void consecutiveFailures() {
        ServerPool pool = pool(2, HealthMonitor.consecutiveFailures(5));
        lab.send(pool, 0, Outcome.FAILURE, 5);

        Instant firstTrial = Lab.of(pool, 0).until();
        assertThat(firstTrial).isBetween(NOON.plusMillis(800), NOON.plusMillis(1200));
        assertExplained(Lab.of(pool, 0), HealthState.EJECTED, "5 consecutive failures", firstTrial.toString());
        assertThat(lines())
                .containsExactly("INFO orders: server s0 is EJECTED (was HEALTHY): OUTLIER raised:"
                        + " 5 consecutive failures, until " + firstTrial);

        lab.scheduler.advance(Duration.ofMillis(1200));
        lab.send(pool, 1, Outcome.FAILURE, 1);
        assertThat(Lab.of(pool, 0).until()).isBetween(NOON.plusMillis(2400), NOON.plusMillis(3600));
        assertThat(lines()).as("a trial that failed, of a server that is out").isEmpty();

        lab.advanceSeconds(3);
        lab.send(pool, 1, Outcome.SUCCESS, 1);
        assertExplained(Lab.of(pool, 0), HealthState.HEALTHY, "", "", "a trial request succeeded");
        assertThat(lines())
                .containsExactly("INFO orders: server s0 is HEALTHY (was EJECTED): OUTLIER cleared:"
                        + " a trial request succeeded");
    }

    private void assertExplained(ServerSnapshot server, HealthState state, String detail, String until, String why) {
        assertThat(server.state()).isEqualTo(state);
        assertThat(server.detail()).isEqualTo(detail);
        assertThat(server.until()).isEqualTo(until.isEmpty() ? null : Instant.parse(until));
        assertThat(lastChange().detail()).isEqualTo(why);
        assertThat(lastChange().until()).isNull();
    }

    @Test
    @DisplayName("outlier detection, also when a trial fails")
    void outlierDetection() {
        ServerPool pool = pool(2, OutlierDetection.withDefaults());
        lab.send(pool, 0, Outcome.FAILURE, 5);

        assertExplained(
                Lab.of(pool, 0), HealthState.EJECTED, "5 consecutive failures, out for PT30S", "2026-11-24T12:00:30Z");
        assertThat(lines())
                .containsExactly("INFO orders: server s0 is EJECTED (was HEALTHY): OUTLIER raised:"
                        + " 5 consecutive failures, out for PT30S, until 2026-11-24T12:00:30Z");

        lab.advanceSeconds(30);
        lab.send(pool, 1, Outcome.FAILURE, 1);
        assertExplained(
                Lab.of(pool, 0),
                HealthState.EJECTED,
                "a trial request failed, out for another PT1M",
                "2026-11-24T12:01:30Z");
        assertThat(lines())
                .containsExactly("INFO orders: server s0 is EJECTED (was EJECTED): OUTLIER raised:"
                        + " a trial request failed, out for another PT1M, until 2026-11-24T12:01:30Z");
    }

    @Test
    @DisplayName("the detectors of rates, with the rates")
    void rates() {
        ServerPool pool =
                pool(5, OutlierDetection.builder().successRate(5, 10, 1.0).build());
        for (int server = 0; server < 5; server++) {
            for (int i = 0; i < 20; i++) {
                lab.send(pool, server, server == 0 && i % 2 == 0 ? Outcome.FAILURE : Outcome.SUCCESS, 1);
            }
        }
        lab.advanceSeconds(10);

        assertThat(Lab.of(pool, 0).detail()).contains("50", "%", "out for PT30S");
        assertThat(Lab.of(pool, 0).until()).isEqualTo(NOON.plusSeconds(40));
        assertThat(lines()).singleElement().asString().contains("s0 is EJECTED", ", until 2026-11-24T12:00:40Z");
    }

    @Test
    @DisplayName("a circuit breaker, also when it opens again")
    void breaker() {
        ServerPool pool = pool(
                2,
                CircuitBreaking.of(CircuitBreaker.builder()
                        .withFailureThreshold(3)
                        .withSuccessThreshold(1)
                        .withDelay(Duration.ofHours(1))));
        lab.send(pool, 0, Outcome.FAILURE, 3);

        // Failsafe measures its delay with a clock of its own, so the last digits are not the test's.
        assertThat(Lab.of(pool, 0).until()).isBetween(NOON.plusSeconds(3300), NOON.plusSeconds(3600));
        String why = "its circuit breaker opened: 3 of 3 failed";
        assertExplained(
                Lab.of(pool, 0),
                HealthState.EJECTED,
                why,
                Lab.of(pool, 0).until().toString());
        assertThat(lines())
                .singleElement()
                .asString()
                .startsWith("INFO orders: server s0 is EJECTED (was HEALTHY): BREAKER raised: " + why
                        + ", until 2026-11-24T1");

        lab.scheduler.advance(Duration.ofHours(1));
        lab.send(pool, 1, Outcome.FAILURE, 1);
        assertThat(lines())
                .singleElement()
                .asString()
                .startsWith("INFO orders: server s0 is EJECTED (was EJECTED): BREAKER raised:"
                        + " its circuit breaker opened again: 1 of 1 failed, until 2026-11-24T1");
    }

    @Test
    @DisplayName("an active check, which has no time")
    void activeCheck() {
        Set<String> bad = new HashSet<>(Set.of("s0"));
        HealthCheck check = (server, executor) -> CompletableFuture.completedFuture(
                bad.contains(server.id()) ? Result.failed("status 503") : Result.PASSED);
        ServerPool pool = pool(2, ActiveChecks.of(check));
        lab.advanceSeconds(15);

        String why = "3 checks in a row failed: status 503";
        assertExplained(Lab.of(pool, 0), HealthState.UNHEALTHY, why, "");
        assertThat(lines())
                .containsExactly("INFO orders: server s0 is UNHEALTHY (was HEALTHY): ACTIVE_CHECK raised: " + why);
        bad.clear();
        lab.advanceSeconds(10);
        assertThat(lines())
                .containsExactly("INFO orders: server s0 is HEALTHY (was UNHEALTHY): ACTIVE_CHECK cleared:"
                        + " 2 checks in a row passed");
    }

    @Test
    @DisplayName("slow start")
    void slowStart() {
        ServerPool pool = pool(1, SlowStart.over(Duration.ofSeconds(20)));
        lab.scheduler.runDue();

        assertExplained(
                Lab.of(pool, 0),
                HealthState.WARMING,
                "its share grows to the full one in PT20S",
                "2026-11-24T12:00:20Z");
        lab.advanceSeconds(21);
        assertThat(lines())
                .containsExactly(
                        "INFO orders: server s0 is WARMING (was HEALTHY): WARMING raised:"
                                + " its share grows to the full one in PT20S, until 2026-11-24T12:00:20Z",
                        "INFO orders: server s0 is HEALTHY (was WARMING): WARMING cleared:"
                                + " its slow start of PT20S is over");
    }

    @Test
    @DisplayName("an operator, and a drain by a call")
    void operator() {
        ServerPool pool = pool(2);
        pool.operator("anna").disable("s0");
        assertExplained(Lab.of(pool, 0), HealthState.DRAINING, "disable by anna", "");
        pool.operator("bert").weight("s0", 3);
        assertThat(Lab.of(pool, 0).weight()).isEqualTo(3.0);
        assertThat(Lab.of(pool, 0).configuredWeight()).isEqualTo(1.0);
        pool.operator("bert").enable("s0");
        pool.operator("bert").clear("s0");
        pool.drain("s0");
        pool.resume("s0");
        assertThat(lines())
                .containsExactly(
                        "INFO orders: server s0 is DRAINING (was HEALTHY): OPERATOR raised: disable by anna",
                        "INFO orders: server s0 is DRAINING (was DRAINING): OPERATOR raised: weight 3.0 set by bert",
                        "INFO orders: server s0 is HEALTHY (was DRAINING): OPERATOR raised: enable by bert",
                        "INFO orders: server s0 is HEALTHY (was HEALTHY): OPERATOR cleared: cleared by bert",
                        "INFO orders: server s0 is DRAINING (was HEALTHY): DRAINING raised: drained by a call",
                        "INFO orders: server s0 is HEALTHY (was DRAINING): DRAINING cleared: resumed by a call");
    }

    @Test
    @DisplayName("failover and panic")
    void failoverAndPanic() {
        Lab.Judge judge = new Lab.Judge();
        ServerPool pool = lab.builder(judge)
                .failover(Failover.DEFAULT.withPanicThreshold(50))
                .servers(Lab.server(0), Lab.server(1).withTier(1))
                .build();
        judge.raise(0, HealthCause.OUTLIER);
        lab.scheduler.runDue();
        judge.raise(1, HealthCause.OUTLIER);
        lab.scheduler.runDue();
        judge.clear(0, HealthCause.OUTLIER);
        lab.scheduler.runDue();
        List<String> poolWide = lines();
        poolWide.removeIf(line -> line.contains("server s"));
        assertThat(poolWide)
                .containsExactly(
                        "INFO orders: load by tier is {1=100} % (was {0=100})",
                        "WARN orders: none of 2 servers is eligible",
                        "WARN orders: panic, 2 of 2 servers out: s0 EJECTED (judged bad), s1 EJECTED (judged bad)",
                        "INFO orders: load by tier is {0=50, 1=50} % (was {1=100})",
                        "INFO orders: panic is over",
                        "INFO orders: load by tier is {0=100} % (was {0=50, 1=50})");
        pool.close();
    }

    @Test
    @DisplayName("and the snapshot has the figures")
    void theSnapshotHasTheFigures() {
        ServerPool pool = pool(2, HealthMonitor.consecutiveFailures(5));
        lab.send(pool, 0, Outcome.FAILURE, 2);
        var held = lab.pick(pool, 0);
        var answered = lab.pick(pool, 1);
        lab.advanceSeconds(1);
        answered.complete(Outcome.SUCCESS);

        ServerSnapshot first = Lab.of(pool, 0);
        assertThat(first.inFlight()).isEqualTo(1);
        assertThat(first.picks()).isEqualTo(3);
        assertThat(first.share()).isEqualTo(0.75);
        assertThat(first.failures()).isEqualTo(2);
        assertThat(first.failureRate()).isBetween(0.2, 0.3);
        assertThat(first.until()).isNull();
        assertThat(Lab.of(pool, 1).latencyNanos()).isEqualTo(1_000_000_000L);
        held.close();
    }
}
