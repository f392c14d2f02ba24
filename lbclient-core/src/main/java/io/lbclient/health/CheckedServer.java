package io.lbclient.health;

import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.health.HealthCheck.Result;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The checks of one server, one after the other: each round plans the next when it has ended. So the fields are used by
 * one thread at a time, each handing on to the next through the scheduler or the check's future.
 */
final class CheckedServer {
    private final CheckWatch watch;
    private final Candidate server;
    private volatile @Nullable Future<?> planned;
    private volatile @Nullable CompletableFuture<Result> running;
    private volatile boolean ended;
    private volatile int passes;
    private volatile int failures;
    private volatile long startedAt;

    /** When it was asked last; rounds that find its thread held do not ask. */
    private volatile long begunAt;

    private volatile boolean out;

    /** It waits for its first pass, of which one is enough. */
    private volatile boolean unasked;

    /** Set while a blocking check still holds a thread, also after it was given up. */
    private final AtomicBoolean threadHeld = new AtomicBoolean();

    CheckedServer(CheckWatch watch, Candidate server) {
        this.watch = watch;
        this.server = server;
        this.out = watch.settings.waitForFirstPass;
        this.unasked = out;
    }

    /** At a random moment, or clients that start together would all ask at once, and go on doing so. */
    void planFirst() {
        ActiveChecks settings = watch.settings;
        long within = settings.waitForFirstPass ? settings.unhealthyIntervalNanos : settings.intervalNanos;
        plan((long) (watch.pool.random().nextDouble() * within), () -> watch.request(this));
    }

    void startSoon() {
        plan(0, this::start);
    }

    private void plan(long delayNanos, Runnable task) {
        if (ended) {
            return;
        }
        try {
            planned = watch.pool.scheduler().schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // There will be no further check, so the last one must not keep the server out for ever.
            watch.pool.clear(server, HealthCause.ACTIVE_CHECK, "the scheduler is shut down, so checks have ended");
        }
    }

    /** Holds one of the places for running checks. */
    void start() {
        startedAt = watch.pool.ticker().read();
        if (ended) {
            watch.release();
            return;
        }
        if (threadHeld.get()) {
            heldUp();
            return;
        }
        begunAt = startedAt;
        CompletableFuture<Result> check;
        try {
            check = watch.settings.check.check(server.server(), this::execute);
        } catch (RuntimeException | LinkageError e) {
            finished(Result.failed(why(e)));
            return;
        }
        running = check;
        AtomicBoolean over = new AtomicBoolean();
        plan(watch.settings.timeoutNanos, () -> {
            if (over.compareAndSet(false, true)) {
                check.cancel(true);
                finished(Result.failed("no answer within " + Duration.ofNanos(watch.settings.timeoutNanos)));
            }
        });
        Future<?> timeout = planned;
        var unused = check.whenComplete((result, failure) -> {
            if (over.compareAndSet(false, true)) {
                if (timeout != null) {
                    timeout.cancel(false);
                }
                finished(failure != null ? Result.failed(why(failure)) : result);
            }
        });
        if (ended) {
            check.cancel(true);
        }
    }

    /** A check may have its answer a moment before its thread has ended; for longer than a check may take it is no moment. */
    private void heldUp() {
        if (startedAt - begunAt < watch.settings.timeoutNanos) {
            watch.release();
            planNext();
        } else {
            finished(Result.failed("the check before has not ended yet"));
        }
    }

    private void execute(Runnable task) {
        threadHeld.set(true);
        try {
            watch.executor.execute(() -> {
                try {
                    task.run();
                } finally {
                    threadHeld.set(false);
                }
            });
        } catch (RejectedExecutionException e) {
            threadHeld.set(false);
            throw e;
        }
    }

    private static String why(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof CancellationException ? "the check was cancelled" : cause.toString();
    }

    private void finished(@Nullable Result result) {
        running = null;
        watch.release();
        if (ended) {
            return;
        }
        judge(result == null ? Result.failed("the check gave no result") : result);
        planNext();
    }

    private void judge(Result result) {
        if (result.passed()) {
            passed();
        } else {
            failed(result.detail());
        }
    }

    private void failed(String why) {
        ActiveChecks settings = watch.settings;
        passes = 0;
        failures = Math.min(failures + 1, settings.unhealthyThreshold);
        if (failures == settings.unhealthyThreshold) {
            unasked = false;
            out = true;
            watch.pool.raise(server, HealthCause.ACTIVE_CHECK, failures + " checks in a row failed: " + why);
        }
    }

    private void passed() {
        ActiveChecks settings = watch.settings;
        failures = 0;
        passes = Math.min(passes + 1, settings.healthyThreshold);
        String why = passes + " checks in a row passed";
        if (out && (unasked || passes == settings.healthyThreshold)) {
            out = false;
            watch.pool.clear(server, HealthCause.ACTIVE_CHECK, why);
        }
        unasked = false;
        if (settings.readmitsEjected && passes == settings.healthyThreshold) {
            watch.pool.overrule(server, HealthCause.OUTLIER, why);
        }
    }

    private void planNext() {
        ActiveChecks settings = watch.settings;
        boolean bad = failures > 0 || out;
        long interval = bad ? settings.unhealthyIntervalNanos : settings.intervalNanos;
        double moved =
                interval * (1 + settings.jitter * (2 * watch.pool.random().nextDouble() - 1));
        long taken = Math.max(0, watch.pool.ticker().read() - startedAt);
        // A check that took longer than the interval is not followed by the next at once.
        long delay = Math.max((long) moved - taken, (long) (interval * (1 - settings.jitter) / 10));
        plan(delay, () -> watch.request(this));
    }

    /** Called while the pool's own lock is held: nothing here waits. */
    void end() {
        ended = true;
        Future<?> plan = planned;
        if (plan != null) {
            plan.cancel(false);
        }
        CompletableFuture<Result> check = running;
        if (check != null) {
            check.cancel(true);
        }
    }
}
