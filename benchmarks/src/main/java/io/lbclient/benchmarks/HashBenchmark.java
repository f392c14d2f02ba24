package io.lbclient.benchmarks;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Outcome;
import io.lbclient.RequestView;
import io.lbclient.balancer.Balancers;
import io.lbclient.balancer.HashKey;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What one request costs, pick and completion together, for each hashing strategy and number of servers, with keys of 16
 * characters, each used in its turn. Round robin is there to compare with. See {@link AlgorithmsBenchmark} for the
 * options.
 */
public class HashBenchmark extends PoolBenchmark {
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

    /** Makes the pool. */
    @Setup(Level.Trial)
    public void open() {
        open(algorithm.balancer, false);
        for (int i = 0; algorithm == Algorithm.BOUNDED_MAGLEV_BUSY && i < servers; i++) {
            pool.pick(new Keyed("open-" + i, InetAddress.getLoopbackAddress()));
        }
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
