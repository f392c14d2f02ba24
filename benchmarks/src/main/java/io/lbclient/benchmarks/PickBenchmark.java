package io.lbclient.benchmarks;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Outcome;
import io.lbclient.RequestView;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What balancing adds to a request, pick and completion together, next to the least that could be done: two looks at
 * counters of what is in flight, one more and one less, and two readings of the clock.
 *
 * <p>Figures in nanoseconds differ between machines and between days; compare with {@link #baseline} of the same run.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PickBenchmark {
    private static final RequestView REQUEST = new RequestView() {
        @Override
        public String path() {
            return "/api/items";
        }
    };

    /** A pool with the default detector, on the system's clock. */
    @State(Scope.Benchmark)
    public static class Pool {
        /** The strategy. */
        @Param({"adaptive", "roundRobin", "random", "leastRequests"})
        String balancer = "";

        /** How many servers. */
        @Param({"3", "10", "100", "1000", "10000"})
        int servers;

        private ServerPool pool = ServerPool.builder("none").build();

        /** Fills the pool. */
        @Setup
        public void fill() {
            pool = ServerPool.builder("benchmark")
                    .balancer(named(balancer))
                    .servers(PoolBenchmark.list(servers))
                    .build();
        }

        /** Ends the pool. */
        @TearDown
        public void close() {
            pool.close();
        }

        private static Balancer named(String name) {
            return switch (name) {
                case "adaptive" -> Balancers.adaptive();
                case "roundRobin" -> Balancers.roundRobin();
                case "random" -> Balancers.random();
                case "leastRequests" -> Balancers.leastRequests();
                default -> throw new IllegalArgumentException("balancer: " + name);
            };
        }
    }

    /** A counter for each server. */
    @State(Scope.Benchmark)
    public static class Counters {
        /** How many servers. */
        @Param({"3", "10", "100", "1000", "10000"})
        int servers;

        private AtomicInteger[] inFlight = {};

        /** Makes the counters. */
        @Setup
        public void fill() {
            inFlight = Stream.generate(AtomicInteger::new).limit(servers).toArray(AtomicInteger[]::new);
        }
    }

    /**
     * The least that a balancer which counts and measures can do.
     *
     * @param counters the servers
     * @return how long it took, in nanoseconds
     */
    @Benchmark
    public long baseline(Counters counters) {
        AtomicInteger[] all = counters.inFlight;
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long start = System.nanoTime();
        AtomicInteger one = all[random.nextInt(all.length)];
        AtomicInteger other = all[random.nextInt(all.length)];
        AtomicInteger chosen = one.get() <= other.get() ? one : other;
        chosen.incrementAndGet();
        long elapsed = System.nanoTime() - start;
        chosen.decrementAndGet();
        return elapsed;
    }

    /**
     * A pick for a request of which nothing is known, and its success.
     *
     * @param pool the pool
     * @return the attempt
     */
    @Benchmark
    public Attempt pick(Pool pool) {
        Attempt attempt = pool.pool.pick();
        attempt.complete(Outcome.SUCCESS);
        return attempt;
    }

    /**
     * A pick for a request, a noted answer, and success, as an HTTP adapter does it.
     *
     * @param pool the pool
     * @return the attempt
     */
    @Benchmark
    public Attempt pickForARequestThatIsAnswered(Pool pool) {
        Attempt attempt = pool.pool.pick(REQUEST);
        attempt.answered();
        attempt.complete(Outcome.SUCCESS);
        return attempt;
    }
}
