package io.lbclient.okhttp;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that make calls beside each other. */
final class Callers {
    /** One of many calls. */
    @FunctionalInterface
    interface NumberedCall {
        void make(int number) throws Exception;
    }

    private Callers() {}

    /** Has calls 0, 1, 2 and so on made by several threads, and waits for the last; throws what one of them threw. */
    static void make(int calls, int threads, NumberedCall call) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                int number = i;
                all.add(callers.submit(() -> {
                    call.make(number);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            callers.shutdownNow();
        }
    }
}
