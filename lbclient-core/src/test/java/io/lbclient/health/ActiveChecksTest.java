package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.Attempt;
import io.lbclient.HealthCause;
import io.lbclient.HealthState;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.health.HealthCheck.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActiveChecksTest {
    private final Lab lab = new Lab();
    private final Answers answers = new Answers();

    /** Answers at once, or not at all, as the test wishes; notes who was asked and when. */
    private final class Answers implements HealthCheck {
        final Set<String> bad = new HashSet<>();
        final Set<String> silent = new HashSet<>();
        final List<String> asked = new ArrayList<>();
        final List<Long> times = new ArrayList<>();
        final List<CompletableFuture<Result>> pending = new ArrayList<>();

        @Override
        public CompletableFuture<Result> check(Server server, Executor executor) {
            asked.add(server.id());
            times.add(lab.ticker.read());
            if (silent.contains(server.id())) {
                CompletableFuture<Result> never = new CompletableFuture<>();
                pending.add(never);
                return never;
            }
            return CompletableFuture.completedFuture(
                    bad.contains(server.id()) ? Result.failed("HTTP status 500") : Result.PASSED);
        }

        int count(String server) {
            return (int) asked.stream().filter(server::equals).count();
        }
    }

    private static boolean out(ServerPool pool, int server) {
        return Lab.has(pool, server, HealthCause.ACTIVE_CHECK);
    }

    private ActiveChecks.Builder steady() {
        return ActiveChecks.builder(answers).jitterPercent(0);
    }

    @Test
    void aServerGoesAfterThreeFailuresAndComesBackAfterTwoPasses() {
        ServerPool pool = lab.pool(2, steady().build());
        lab.advanceSeconds(5);
        answers.bad.add("s0");
        int before = answers.count("s0");
        while (!out(pool, 0)) {
            lab.scheduler.advance(Duration.ofMillis(100));
        }
        assertThat(answers.count("s0") - before).isEqualTo(3);
        assertThat(lab.lastDetail()).isEqualTo("3 checks in a row failed: HTTP status 500");
        lab.advanceSeconds(60);
        answers.bad.clear();
        before = answers.count("s0");
        while (out(pool, 0)) {
            lab.scheduler.advance(Duration.ofMillis(100));
        }
        assertThat(answers.count("s0") - before).isEqualTo(2);
        assertThat(lab.lastDetail()).isEqualTo("2 checks in a row passed");
        assertThat(out(pool, 1)).isFalse();
    }

    @Test
    void aPassEndsARowOfFailuresAndAFailureARowOfPasses() {
        ServerPool pool = lab.pool(1, steady().interval(Duration.ofSeconds(1)).build());
        for (int i = 0; i < 10; i++) {
            answers.bad.add("s0");
            lab.advanceSeconds(2);
            answers.bad.clear();
            lab.advanceSeconds(1);
        }
        assertThat(out(pool, 0)).isFalse();
        answers.bad.add("s0");
        lab.advanceSeconds(4);
        for (int i = 0; i < 10; i++) {
            answers.bad.clear();
            lab.advanceSeconds(1);
            answers.bad.add("s0");
            lab.advanceSeconds(1);
        }
        assertThat(out(pool, 0)).isTrue();
    }

    @Test
    void aServerThatFailsIsAskedMoreOftenUntilItIsBack() {
        ServerPool pool = lab.pool(1, steady().build());
        lab.advanceSeconds(100);
        assertThat(answers.count("s0")).isEqualTo(20);
        answers.bad.add("s0");
        lab.advanceSeconds(100);
        assertThat(answers.count("s0")).isBetween(20 + 47, 20 + 50);
        assertThat(out(pool, 0)).isTrue();
        answers.bad.clear();
        lab.advanceSeconds(4);
        assertThat(out(pool, 0)).as("after two passes within 2 s each").isFalse();
    }

    @Test
    void aCheckThatTakesLongerThanTheIntervalIsNotFollowedByTheNextAtOnce() {
        answers.silent.add("s0");
        ServerPool pool = lab.pool(1, steady().timeout(Duration.ofSeconds(10)).build());
        lab.advanceSeconds(60);
        assertThat(Duration.ofNanos(answers.times.get(1) - answers.times.get(0)))
                .as("the timeout, and a tenth of the interval of a server that fails")
                .isEqualTo(Duration.ofMillis(10_200));
        pool.close();
    }

    @Test
    void aServerIsTrustedUntilAskedUnlessChosenOtherwise() {
        ServerPool trusting = lab.pool(1, steady().build());
        assertThat(out(trusting, 0)).isFalse();
        Lab other = new Lab();
        ServerPool waiting = other.pool(1, steady().waitForFirstPass(true).build());
        assertThat(out(waiting, 0)).isTrue();
        // Within the faster interval, and one pass is enough.
        other.advanceSeconds(2);
        assertThat(out(waiting, 0)).isFalse();
        assertThat(other.lastDetail()).isEqualTo("1 checks in a row passed");
    }

    @Test
    void whoWaitsForTheFirstPassStaysOutWhileItFails() {
        answers.bad.add("s0");
        ServerPool pool = lab.pool(2, steady().waitForFirstPass(true).build());
        lab.advanceSeconds(20);
        assertThat(out(pool, 0)).isTrue();
        assertThat(out(pool, 1)).isFalse();
        answers.bad.clear();
        int before = answers.count("s0");
        while (out(pool, 0)) {
            lab.scheduler.advance(Duration.ofMillis(100));
        }
        assertThat(answers.count("s0") - before)
                .as("it has failed, so one pass is not enough")
                .isEqualTo(2);
    }

    @Test
    @DisplayName("bug 14: a list of nothing but new servers that wait for their first check leaves somebody to pick")
    void bug14NewServersThatWaitAreStillPicked() {
        ServerPool pool = lab.pool(2, steady().waitForFirstPass(true).build());
        lab.advanceSeconds(5);
        lab.send(pool, 0, Outcome.SUCCESS, 1);
        pool.update(List.of(Lab.server(7), Lab.server(8)));
        assertThat(out(pool, 7)).isTrue();
        lab.send(pool, 7, Outcome.SUCCESS, 10);
        assertThat(Lab.of(pool, 7).picks()).isEqualTo(10);
        lab.advanceSeconds(2);
        assertThat(pool.snapshot().eligible()).isEqualTo(2);
    }

    @Test
    @DisplayName("I5: when all checks fail and the servers are well, no request is refused")
    void incident5AllChecksFail() {
        ServerPool pool = lab.pool(5, OutlierDetection.withDefaults(), steady().build());
        for (int i = 0; i < 5; i++) {
            answers.bad.add("s" + i);
        }
        lab.advanceSeconds(30);
        assertThat(pool.snapshot().eligible()).isZero();
        for (int i = 0; i < 10_000; i++) {
            lab.send(pool, i % 5, Outcome.SUCCESS, 1);
        }
        assertThat(pool.snapshot().servers()).allSatisfy(s -> {
            assertThat(s.state()).isEqualTo(HealthState.UNHEALTHY);
            assertThat(s.picks()).isEqualTo(2000);
        });
    }

    @Test
    void aCheckThatDoesNotAnswerIsCancelledAndHasFailed() {
        answers.silent.add("s0");
        ServerPool pool = lab.pool(2, steady().build());
        lab.advanceSeconds(30);
        assertThat(out(pool, 0)).isTrue();
        assertThat(lab.lastDetail()).isEqualTo("3 checks in a row failed: no answer within PT1S");
        assertThat(answers.pending).hasSizeGreaterThan(3);
        assertThat(answers.pending.subList(0, answers.pending.size() - 1))
                .allSatisfy(check -> assertThat(check).isCancelled());
        // It held up nobody.
        assertThat(answers.count("s1")).isEqualTo(6);
    }

    @Test
    void anAnswerThatComesAfterItsTimeIsNoAnswer() {
        answers.silent.add("s0");
        ServerPool pool = lab.pool(1, steady().build());
        lab.advanceSeconds(30);
        answers.pending.forEach(check -> check.complete(Result.PASSED));
        lab.scheduler.runDue();
        assertThat(out(pool, 0)).isTrue();
    }

    @Test
    void oneServerIsNeverAskedTwiceAtOnceAndNoMoreThanAllowedAreAskedAtOnce() {
        for (int i = 0; i < 20; i++) {
            answers.silent.add("s" + i);
        }
        lab.pool(20, steady().maxConcurrent(3).timeout(Duration.ofSeconds(4)).build());
        for (int i = 0; i < 600; i++) {
            lab.scheduler.advance(Duration.ofMillis(100));
            List<CompletableFuture<Result>> running =
                    answers.pending.stream().filter(c -> !c.isDone()).toList();
            assertThat(running).hasSizeLessThanOrEqualTo(3);
        }
        // 60 s, three at a time, 4 s each: and each server had its turn.
        assertThat(answers.asked).hasSizeBetween(40, 45);
        assertThat(new HashSet<>(answers.asked)).hasSize(20);
    }

    @Test
    void aCheckThatThrowsHasFailed() {
        ServerPool pool = lab.pool(1, ActiveChecks.of((server, executor) -> {
            throw new IllegalStateException("broken check");
        }));
        lab.advanceSeconds(30);
        assertThat(lab.lastDetail())
                .isEqualTo("3 checks in a row failed: java.lang.IllegalStateException: broken check");
        assertThat(out(pool, 0)).isTrue();
    }

    @Test
    void aServerThatLeavesIsNotAskedAnyMoreAndAClosedPoolAsksNobody() {
        answers.silent.add("s0");
        ServerPool pool = lab.pool(3, steady().build());
        lab.advanceSeconds(20);
        pool.remove("s0");
        assertThat(answers.pending).allSatisfy(check -> assertThat(check).isCancelled());
        int before = answers.count("s0");
        lab.advanceSeconds(20);
        assertThat(answers.count("s0")).isEqualTo(before);
        pool.close();
        int all = answers.asked.size();
        lab.advanceSeconds(20);
        assertThat(answers.asked).hasSize(all);
        assertThat(lab.scheduler.waiting()).isZero();
    }

    @Test
    void aServerThatLeavesWhileItsCheckBeginsIsNotWaitedFor() {
        CompletableFuture<Result> begun = new CompletableFuture<>();
        List<ServerPool> left = new ArrayList<>();
        left.add(lab.pool(1, ActiveChecks.of((server, executor) -> {
            left.get(0).remove("s0");
            return begun;
        })));
        lab.advanceSeconds(5);
        assertThat(begun).isCancelled();
    }

    @Test
    void aShutDownSchedulerKeepsNobodyOut() {
        answers.bad.add("s0");
        ServerPool pool = lab.pool(1, steady().build());
        lab.advanceSeconds(30);
        assertThat(out(pool, 0)).isTrue();
        lab.scheduler.shutdown();
        lab.advanceSeconds(30);
        assertThat(out(pool, 0)).isFalse();
    }

    @Test
    @DisplayName("I13: answers that are bad outrank checks that pass")
    void incident13GreyFailure() {
        ServerPool pool = lab.pool(3, OutlierDetection.withDefaults(), steady().build());
        int failed = 0;
        for (int second = 0; second < 600; second++) {
            Attempt attempt = lab.pick(pool, 0);
            boolean grey = attempt.server().id().equals("s0");
            failed += grey ? 1 : 0;
            attempt.complete(grey ? Outcome.FAILURE : Outcome.SUCCESS);
            lab.advanceSeconds(1);
        }
        assertThat(answers.count("s0")).isGreaterThan(100);
        // Five to find out, then one at the end of each ejection: of 30, 60, 90, 120, 150 s.
        assertThat(failed).isBetween(6, 12);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("I9: of 1 000 clients started together, no 100 ms have more than three times the mean of checks")
    void incident9ChecksAreSpread(boolean wait) {
        List<ServerPool> clients = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            clients.add(ServerPool.builder("client" + i)
                    .ticker(lab.ticker)
                    .scheduler(lab.scheduler)
                    .seed(i)
                    .servers(Lab.server(0))
                    .healthMonitors(
                            ActiveChecks.builder(answers).waitForFirstPass(wait).build())
                    .build());
        }
        long start = lab.ticker.read();
        lab.advanceSeconds(2);
        if (!wait) {
            lab.advanceSeconds(58);
            assertSpread(start, 60);
        } else {
            assertSpread(start, 2);
        }
        // The server dies and comes back: its clients see it at about the same time.
        answers.times.clear();
        start = lab.ticker.read();
        answers.bad.add("s0");
        lab.advanceSeconds(60);
        answers.bad.clear();
        lab.advanceSeconds(60);
        assertSpread(start, 120);
        clients.forEach(ServerPool::close);
    }

    private void assertSpread(long start, int seconds) {
        int[] windows = new int[seconds * 10];
        answers.times.forEach(time -> windows[(int) Math.min((time - start) / 100_000_000, windows.length - 1)]++);
        double mean = answers.times.size() / (double) windows.length;
        assertThat(mean).isGreaterThan(10);
        for (int count : windows) {
            assertThat((double) count).isLessThanOrEqualTo(3 * mean);
        }
    }

    @Test
    void nonsenseIsRejectedWhereItIsGiven() {
        ActiveChecks.Builder builder = ActiveChecks.builder(answers);
        rejects("interval: PT0S", () -> builder.interval(Duration.ZERO));
        rejects("unhealthyInterval: PT-1S", () -> builder.unhealthyInterval(Duration.ofSeconds(-1)));
        rejects("timeout: PT0S", () -> builder.timeout(Duration.ZERO));
        rejects("healthyThreshold: 0 (expected: >= 1)", () -> builder.healthyThreshold(0));
        rejects("unhealthyThreshold: 0", () -> builder.unhealthyThreshold(0));
        rejects("jitterPercent: 91 (expected: 0 to 90)", () -> builder.jitterPercent(91));
        rejects("maxConcurrent: 0", () -> builder.maxConcurrent(0));
        rejects(
                "unhealthyInterval: PT10S (expected: at most the interval, PT5S)",
                () -> ActiveChecks.builder(answers)
                        .unhealthyInterval(Duration.ofSeconds(10))
                        .build());
    }

    private static void rejects(String message, Runnable setting) {
        assertThatIllegalArgumentException().isThrownBy(setting::run).withMessageStartingWith(message);
    }
}
