package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

/** Threads of a test: they begin together, end with the test, and what one of them throws fails it. */
public final class Threads {
    private Threads() {}

    /** Runs a task on each of some threads at once, and returns what they returned. */
    public static <T> List<T> together(int count, IntFunction<Callable<T>> task) {
        CyclicBarrier start = new CyclicBarrier(count);
        List<FutureTask<T>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Callable<T> own = task.apply(i);
            FutureTask<T> future = new FutureTask<>(() -> {
                start.await(60, TimeUnit.SECONDS);
                return own.call();
            });
            Thread thread = new Thread(future, "test-" + i);
            thread.setDaemon(true);
            thread.start();
            running.add(future);
        }
        return running.stream().map(Threads::result).toList();
    }

    private static <T> T result(FutureTask<T> future) {
        try {
            return future.get(120, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs a task on each of some threads at once. */
    public static void run(int count, IntFunction<Action> task) {
        List<Boolean> done = together(count, i -> {
            Action own = task.apply(i);
            return () -> {
                own.run();
                return true;
            };
        });
        assertThat(done).hasSize(count).doesNotContain(false);
    }

    /** What a thread does. */
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }
}
