package io.lbclient.benchmarks;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Outcome;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import io.lbclient.balancer.HashKey;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * What one request costs, pick and completion together, for each hashing strategy and number of servers, with keys of 16
 * characters, each used in its turn. Round robin is there to compare with. See {@link AlgorithmsBenchmark} for the
 * options.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HashBenchmark {
    private static final int KEYS = 1 << 14;
    private static final HashKey KEY = request -> ((Keyed) request).key();

    /** The strategies, in the order in which the guide has them. */
    public enum Algorithm {
        /** {@link Balancers#roundRobin()}, which does not look at the key. */
        ROUND_ROBIN(Balancers.roundRobin()),
        /** {@link Balancers#ipHash()}. */
        IP_HASH(Balancers.ipHash().build()),
        /** {@link Balancers#nginxHash}. */
        NGINX_HASH(Balancers.nginxHash(KEY).build()),
        /** {@link Balancers#nginxConsistentHash}. */
        NGINX_CONSISTENT_HASH(Balancers.nginxConsistentHash(KEY).build()),
        /** {@link Balancers#ketama}. */
        KETAMA(Balancers.ketama(KEY).build()),
        /** {@link Balancers#ringHash} with a hundred entries for each server. */
        RING_HASH(Balancers.ringHash(KEY).entriesPerServer(100).build()),
        /** {@link Balancers#maglev}. */
        MAGLEV(Balancers.maglev(KEY).build()),
        /** {@link Balancers#rendezvous}. */
        RENDEZVOUS(Balancers.rendezvous(KEY).build()),
        /** {@link Balancers#jumpHash}. */
        JUMP_HASH(Balancers.jumpHash(KEY).build()),
        /** {@link Balancers#maglev} with bounded load, while nothing else is in flight. */
        BOUNDED_MAGLEV(Balancers.maglev(KEY).boundedLoad(1.25).build()),
        /** The same, while as many other requests are in flight as there are servers: then a pick reads every server. */
        BOUNDED_MAGLEV_BUSY(Balancers.maglev(KEY).boundedLoad(1.25).build());

        @SuppressWarnings("ImmutableEnumChecker") // A strategy holds settings only.
        private final Balancer balancer;

        Algorithm(Balancer balancer) {
            this.balancer = balancer;
        }
    }

    private record Keyed(String key, InetAddress address) implements RequestView {
        @Override
        public @Nullable InetAddress clientAddress() {
            return address;
        }
    }

    /** The keys of one thread, from a place of its own on. */
    @State(Scope.Thread)
    public static class Requests {
        private final Keyed[] requests = new Keyed[KEYS];
        private int next = (int) Thread.currentThread().getId() * 977;

        /**
         * Makes the keys.
         *
         * @throws UnknownHostException never
         */
        @Setup(Level.Trial)
        public void make() throws UnknownHostException {
            for (int i = 0; i < KEYS; i++) {
                byte[] address = {10, (byte) (i >> 8), (byte) i, 1};
                requests[i] = new Keyed("user-%011d".formatted(i * 7919L), InetAddress.getByAddress(address));
            }
        }

        RequestView next() {
            return requests[next++ & KEYS - 1];
        }
    }

    /** The strategy. */
    @Param
    public Algorithm algorithm = Algorithm.ROUND_ROBIN;

    /** How many servers the pool has. */
    @Param({"3", "10", "100", "1000", "10000"})
    public int servers;

    @SuppressWarnings("NullAway.Init") // Set before each trial.
    private ServerPool pool;

    /** Makes the pool. */
    @Setup(Level.Trial)
    public void open() {
        List<Server> list = new ArrayList<>();
        for (int i = 0; i < servers; i++) {
            list.add(Server.of("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255), 80));
        }
        pool = ServerPool.builder("benchmark")
                .balancer(algorithm.balancer)
                .servers(list)
                .build();
        for (int i = 0; algorithm == Algorithm.BOUNDED_MAGLEV_BUSY && i < servers; i++) {
            pool.pick(new Keyed("open-" + i, InetAddress.getLoopbackAddress()));
        }
    }

    /** Ends the pool. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    /**
     * Picks and completes.
     *
     * @param requests the requests
     * @return the attempt, so that it is not optimized away
     */
    @Benchmark
    public Attempt pickAndComplete(Requests requests) {
        Attempt attempt = pool.pick(requests.next());
        attempt.complete(Outcome.SUCCESS);
        return attempt;
    }
}
