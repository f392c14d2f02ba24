package io.lbclient.retry;

import dev.failsafe.RetryPolicy;
import io.lbclient.Attempt;
import io.lbclient.HealthMonitor;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.RetryBudget;
import io.lbclient.ServerPool;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client of a pool that retries as the adapters do, in simulated time, a millisecond at a step. */
final class RetrySimulation {
    private final FakeTicker ticker = new FakeTicker(0);
    private final ManualScheduler scheduler = new ManualScheduler(ticker);
    private final Map<Long, List<Runnable>> due = new HashMap<>();
    private final RetryPolicy<Outcome> policy = RetryPolicy.<Outcome>builder()
            .handleResultIf(Outcome::failure)
            .withBackoff(Duration.ofMillis(12), Duration.ofMillis(125))
            .withJitter(1.0)
            .withMaxRetries(2)
            .build();
    final Backends backends;
    final ServerPool pool;
    private long now;
    private double owed;
    long requests;
    long good;
    long failed;

    RetrySimulation(Backends backends, int servers, RetryBudget budget, HealthMonitor... monitors) {
        this.backends = backends;
        pool = ServerPool.builder("orders")
                .servers(Limits.servers(servers))
                .ticker(ticker)
                .scheduler(scheduler)
                .seed(11)
                .retryBudget(budget)
                .healthMonitors(monitors)
                .build();
    }

    /** What happened in one stretch of time. */
    record Stretch(long requests, long good, long failed, long attempts) {
        double goodput() {
            return (double) good / requests;
        }

        double load() {
            return (double) attempts / requests;
        }
    }

    Stretch run(int seconds, double requestsPerSecond) {
        long requestsBefore = requests;
        long goodBefore = good;
        long failedBefore = failed;
        long attemptsBefore = backends.seen();
        for (int i = 0; i < seconds * 1000; i++) {
            tick(requestsPerSecond);
        }
        return new Stretch(
                requests - requestsBefore, good - goodBefore, failed - failedBefore, backends.seen() - attemptsBefore);
    }

    private void tick(double requestsPerSecond) {
        scheduler.advance(Duration.ofMillis(1));
        now++;
        backends.tick();
        List<Runnable> tasks = due.remove(now);
        if (tasks != null) {
            tasks.forEach(Runnable::run);
        }
        for (owed += requestsPerSecond / 1000; owed >= 1; owed--) {
            requests++;
            pool.retryBudget().request();
            begin(null, new RetryRun<>(policy));
        }
    }

    private void begin(@Nullable Attempt before, RetryRun<Outcome> run) {
        Attempt attempt;
        try {
            attempt = before == null ? pool.pick() : before.another();
        } catch (NoServerAvailableException e) {
            failed++;
            return;
        }
        Backends.Reply reply = backends.send(attempt.server().id().charAt(1) - '0');
        after(reply.millis(), () -> end(attempt, run, reply.outcome()));
    }

    private void end(Attempt attempt, RetryRun<Outcome> run, Outcome outcome) {
        attempt.complete(outcome);
        if (outcome == Outcome.SUCCESS) {
            good++;
            return;
        }
        Duration delay = run.after(outcome);
        if (delay == null || !pool.retryBudget().tryAcquire()) {
            failed++;
            return;
        }
        after(Math.max(1, (int) delay.toMillis()), () -> begin(attempt, run));
    }

    private void after(int millis, Runnable task) {
        due.computeIfAbsent(now + millis, time -> new ArrayList<>()).add(task);
    }
}
