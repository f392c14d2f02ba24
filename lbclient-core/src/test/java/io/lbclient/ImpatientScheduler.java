package io.lbclient;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs what is to wait for seconds after as many microseconds. */
record ImpatientScheduler(ScheduledExecutorService patient) implements ScheduledExecutorService {
    private static final int FASTER = 1_000_000;

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return patient.schedule(command, unit.toNanos(delay) / FASTER, TimeUnit.NANOSECONDS);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        return patient.schedule(callable, unit.toNanos(delay) / FASTER, TimeUnit.NANOSECONDS);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void execute(Runnable command) {
        patient.execute(command);
    }

    @Override
    public void shutdown() {
        patient.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return patient.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return patient.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return patient.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return patient.awaitTermination(timeout, unit);
    }

    @Override
    public <T> Future<T> submit(Callable<T> task) {
        return patient.submit(task);
    }

    @Override
    public <T> Future<T> submit(Runnable task, T result) {
        return patient.submit(task, result);
    }

    @Override
    public Future<?> submit(Runnable task) {
        return patient.submit(task);
    }

    @Override
    public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks) throws InterruptedException {
        return patient.invokeAll(tasks);
    }

    @Override
    public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException {
        return patient.invokeAll(tasks, timeout, unit);
    }

    @Override
    public <T> T invokeAny(Collection<? extends Callable<T>> tasks) throws InterruptedException, ExecutionException {
        return patient.invokeAny(tasks);
    }

    @Override
    public <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return patient.invokeAny(tasks, timeout, unit);
    }
}
