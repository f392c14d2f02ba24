package io.lbclient.benchmarks;

import io.lbclient.Balancer;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the benchmarks of strategies have in common: a pool of so many servers, and how its requests are measured. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public abstract class PoolBenchmark {
    /** How many servers the pool has. */
    @Param({"3", "10", "100", "1000", "10000"})
    public int servers;

    @SuppressWarnings("NullAway.Init") // Opened before each trial.
    ServerPool pool;

    /** For the benchmarks of this package. */
    PoolBenchmark() {}

    /** So many servers, each at an address of its own. */
    static List<Server> list(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Server.of("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255), 8080))
                .toList();
    }

    /** Makes the pool, with servers of weights 1 to 5 if weights are to be read. */
    void open(Balancer balancer, boolean weighted) {
        List<Server> all = list(servers);
        pool = ServerPool.builder("benchmark")
                .balancer(balancer)
                .servers(IntStream.range(0, servers)
                        .mapToObj(i -> all.get(i).withWeight(weighted ? 1 + i % 5 : 1))
                        .toList())
                .build();
    }

    /** Ends the pool. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }
}
