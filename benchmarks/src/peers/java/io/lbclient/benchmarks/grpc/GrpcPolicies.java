package io.lbclient.benchmarks.grpc;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * This library's policy for gRPC beside {@code round_robin} and {@code least_request_experimental}: errors with a broken
 * server, share and p99 with a slow one, and what a pick costs. Real servers on the loopback; all policies take turns in
 * one run, so that whatever else the machine does hits all. Takes less than a minute.
 */
public final class GrpcPolicies {
    private static final int THREADS = 8;
    private static final int ROUNDS = 3;
    private static final int BROKEN_CALLS = 1600;
    private static final long FAST_MICROS = 1_000;
    private static final long SLOW_MICROS = 10_000;
    private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(700);
    private static final long MEASURED_NANOS = TimeUnit.MILLISECONDS.toNanos(2_000);
    private static final int PICK_SERVERS = 10;
    private static final int PICK_ROUNDS = 60;
    private static final int PICKS = 20_000;

    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
    private final ExecutorService callers = Executors.newFixedThreadPool(THREADS);
    private final Map<Policy, Figures> figures = new EnumMap<>(Policy.class);

    private GrpcPolicies() {
        for (Policy policy : Policy.values()) {
            figures.put(policy, new Figures());
        }
    }

    /** What came out for one policy, over all rounds. */
    private static final class Figures {
        private int calls;
        private int errors;
        private long slow;
        private long answered;
        private final List<long[]> latencies = new ArrayList<>();
        private double pickNanos = Double.MAX_VALUE;

        private String row(Policy policy, double basis) {
            long[] sorted = latencies.stream()
                    .flatMapToLong(LongStream::of)
                    .sorted()
                    .toArray();
            return String.format(
                    Locale.ROOT,
                    "| `%s` | %d of %d (%.1f %%) | %.1f %% | %.1f ms | %.1f ms | %.0f ns (%.1f) |",
                    policy.id(),
                    errors,
                    calls,
                    100.0 * errors / calls,
                    100.0 * slow / answered,
                    sorted[sorted.length / 2] / 1e6,
                    sorted[(int) (sorted.length * 0.99)] / 1e6,
                    pickNanos,
                    pickNanos / basis);
        }
    }

    /**
     * Prints a table in Markdown.
     *
     * @param args none
     * @throws Exception if the loopback fails
     */
    public static void main(String[] args) throws Exception {
        NameResolverRegistry.getDefaultRegistry().register(new FixedResolver.Provider());
        GrpcPolicies run = new GrpcPolicies();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                for (Policy policy : Policy.values()) {
                    run.broken(policy);
                    run.slow(policy);
                }
            }
            run.pickCost();
            run.print();
        } finally {
            run.callers.shutdownNow();
            run.timer.shutdownNow();
        }
    }

    private void print() {
        System.out.println("| policy | errors, one of three broken | share of the slow one of four | p50 | p99 |"
                + " pick, 10 servers (of `round_robin`) |");
        System.out.println("| --- | ---: | ---: | ---: | ---: | ---: |");
        double basis = of(Policy.ROUND_ROBIN).pickNanos;
        figures.forEach((policy, each) -> System.out.println(each.row(policy, basis)));
    }

    private Figures of(Policy policy) {
        return figures.computeIfAbsent(policy, unknown -> new Figures());
    }

    private List<Backend> backends(int count) throws Exception {
        List<Backend> backends = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            backends.add(new Backend(timer, FAST_MICROS));
        }
        return backends;
    }

    /** The server breaks when all are connected to, and stays broken. */
    private void broken(Policy policy) throws Exception {
        List<Backend> backends = backends(3);
        try (Policy.Client client = policy.connect(backends)) {
            awaitConnections(client.channel(), backends);
            backends.get(0).breaks();
            int errors = 0;
            for (int each : together(() -> errorsOf(client.channel(), BROKEN_CALLS / THREADS))) {
                errors += each;
            }
            of(policy).calls += BROKEN_CALLS;
            of(policy).errors += errors;
        } finally {
            backends.forEach(Backend::close);
        }
    }

    private static int errorsOf(ManagedChannel channel, int calls) {
        int errors = 0;
        for (int i = 0; i < calls; i++) {
            try {
                call(channel);
            } catch (StatusRuntimeException e) {
                errors++;
            }
        }
        return errors;
    }

    /** The server is slow from the beginning; measured is how it goes once that can be known. */
    private void slow(Policy policy) throws Exception {
        List<Backend> backends = backends(4);
        try (Policy.Client client = policy.connect(backends)) {
            Backend slow = backends.get(0);
            slow.takes(SLOW_MICROS);
            awaitConnections(client.channel(), backends);
            together(() -> latenciesOf(client.channel(), WARM_UP_NANOS));
            long slowBefore = slow.calls();
            long before = backends.stream().mapToLong(Backend::calls).sum();
            of(policy).latencies.addAll(together(() -> latenciesOf(client.channel(), MEASURED_NANOS)));
            of(policy).slow += slow.calls() - slowBefore;
            of(policy).answered += backends.stream().mapToLong(Backend::calls).sum() - before;
        } finally {
            backends.forEach(Backend::close);
        }
    }

    private static long[] latenciesOf(ManagedChannel channel, long nanos) {
        long[] latencies = new long[1024];
        int count = 0;
        long start = System.nanoTime();
        for (long now = start; now - start < nanos; ) {
            call(channel);
            long end = System.nanoTime();
            if (count == latencies.length) {
                latencies = Arrays.copyOf(latencies, count * 2);
            }
            latencies[count++] = end - now;
            now = end;
        }
        return Arrays.copyOf(latencies, count);
    }

    private static void awaitConnections(ManagedChannel channel, List<Backend> backends) {
        long start = System.nanoTime();
        while (backends.stream().anyMatch(backend -> backend.calls() == 0)) {
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(10)) {
                throw new IllegalStateException("not all servers were called");
            }
            call(channel);
        }
    }

    private static void call(ManagedChannel channel) {
        ClientCalls.blockingUnaryCall(
                channel, Backend.UNARY, CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS), "hello");
    }

    /** What each of the callers returned. */
    private <T> List<T> together(Callable<T> task) throws Exception {
        List<T> results = new ArrayList<>();
        for (Future<T> each : callers.invokeAll(Collections.nCopies(THREADS, task))) {
            results.add(each.get());
        }
        return results;
    }

    private void pickCost() {
        Map<Policy, PickCost> costs = new EnumMap<>(Policy.class);
        for (Policy policy : Policy.values()) {
            costs.put(policy, new PickCost(policy, PICK_SERVERS));
        }
        for (int round = 0; round < PICK_ROUNDS; round++) {
            costs.forEach((policy, cost) -> {
                Figures each = of(policy);
                each.pickNanos = Math.min(each.pickNanos, cost.round(PICKS));
            });
        }
        costs.values().forEach(PickCost::close);
    }
}
