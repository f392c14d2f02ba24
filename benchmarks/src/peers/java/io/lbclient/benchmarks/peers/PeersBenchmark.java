package io.lbclient.benchmarks.peers;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * One pick and its completion, all that each library does for it by default being on: here the adaptive strategy and the default
 * detector, in Finagle peak EWMA, in ServiceTalk power of two choices with its outlier detection.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PeersBenchmark {
    /** How many servers. */
    @State(Scope.Benchmark)
    public static class Size {
        /** How many servers. */
        @Param({"10", "100"})
        public int servers;
    }

    /** A pool with everything as it is without being told. */
    @State(Scope.Benchmark)
    public static class Own {
        private ServerPool pool = ServerPool.builder("none").build();

        /**
         * Makes the pool.
         *
         * @param size of how many servers
         */
        @Setup
        public void open(Size size) {
            pool = ServerPool.builder("benchmark")
                    .servers(IntStream.range(0, size.servers)
                            .mapToObj(i -> Server.of("10.0.0." + i, 8080))
                            .toList())
                    .build();
        }

        /** Ends the pool. */
        @TearDown
        public void close() {
            pool.close();
        }
    }

    /** Finagle's. */
    @State(Scope.Benchmark)
    public static class Finagle {
        private FinaglePool pool = new FinaglePool(1);

        /**
         * Makes the balancer.
         *
         * @param size of how many servers
         */
        @Setup
        public void open(Size size) {
            pool = new FinaglePool(size.servers);
        }

        /** Ends the balancer. */
        @TearDown
        public void close() {
            pool.close();
        }
    }

    /** ServiceTalk's. */
    @State(Scope.Benchmark)
    public static class ServiceTalk {
        private ServiceTalkPool pool = new ServiceTalkPool(1);

        /**
         * Makes the balancer.
         *
         * @param size of how many servers
         */
        @Setup
        public void open(Size size) {
            pool = new ServiceTalkPool(size.servers);
        }

        /** Ends the balancer. */
        @TearDown
        public void close() {
            pool.close();
        }
    }

    /**
     * The default strategy and detector.
     *
     * @param own the pool
     * @return the attempt
     */
    @Benchmark
    public Attempt adaptive(Own own) {
        Attempt attempt = own.pool.pick();
        attempt.complete(Outcome.SUCCESS);
        return attempt;
    }

    /**
     * Finagle's peak EWMA.
     *
     * @param finagle the balancer
     * @return the service
     */
    @Benchmark
    public Object finaglePeakEwma(Finagle finagle) {
        return finagle.pool.request();
    }

    /**
     * ServiceTalk's power of two choices with outlier detection.
     *
     * @param serviceTalk the balancer
     * @return the connection
     */
    @Benchmark
    public Object serviceTalkP2c(ServiceTalk serviceTalk) {
        return serviceTalk.pool.request();
    }
}
