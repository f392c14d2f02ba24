package io.lbclient.health;

import io.lbclient.health.HealthCheck.Result;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/** A check that blocks a thread: cancelling it closes what it waits for, and interrupts the thread. */
final class BlockingProbe extends CompletableFuture<Result> {
    private final FutureTask<?> task;
    private final Closeable resource;

    private BlockingProbe(Callable<Result> work, Closeable resource) {
        this.resource = resource;
        this.task = new FutureTask<>(() -> finish(work), null);
    }

    static CompletableFuture<Result> start(Executor executor, Callable<Result> work) {
        return start(executor, work, () -> {});
    }

    static CompletableFuture<Result> start(Executor executor, Callable<Result> work, Closeable resource) {
        BlockingProbe probe = new BlockingProbe(work, resource);
        try {
            executor.execute(probe.task);
        } catch (RuntimeException | Error e) {
            probe.cancel(true);
            throw e;
        }
        return probe;
    }

    private void finish(Callable<Result> work) {
        try {
            complete(work.call());
        } catch (Exception | LinkageError | AssertionError e) {
            completeExceptionally(e);
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            // Closed first: a thread that waits for a socket does not notice an interrupt.
            try {
                resource.close();
            } catch (IOException e) {
                // It was to be abandoned, and it is.
            }
            task.cancel(true);
        }
        return cancelled;
    }
}
