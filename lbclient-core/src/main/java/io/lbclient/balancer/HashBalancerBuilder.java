package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.internal.Checks;
import java.util.Locale;

/**
 * The settings of a strategy that sends requests with the same key to the same server, as long as that server is there.
 * Not safe for use by several threads.
 *
 * <pre>{@code
 * Balancer byUser = Balancers.maglev(HashKey.header("x-user")).boundedLoad(1.25).build();
 * }</pre>
 *
 * <p>A retry goes on to the next server of the key's own sequence. When a server is missing, for whatever reason, its
 * keys go where the retries would; what else moves is said with each algorithm on {@link Balancers}.
 */
public final class HashBalancerBuilder {
    /** The algorithms, and which settings mean something for them. */
    enum Algorithm {
        IP_HASH(false, false),
        NGINX_HASH(false, false),
        NGINX_CONSISTENT_HASH(false, true),
        KETAMA(false, true),
        RING_HASH(true, true),
        MAGLEV(true, true),
        RENDEZVOUS(true, true),
        JUMP_HASH(true, false);

        private final boolean seeded;
        private final boolean named;

        Algorithm(boolean seeded, boolean named) {
            this.seeded = seeded;
            this.named = named;
        }
    }

    private static final int MAX_TABLE_SIZE = 5_000_011;
    private static final double MAX_LOAD_FACTOR = 1_000;

    private final Algorithm algorithm;
    private final HashKey key;
    private ServerName serverName = ServerName.ADDRESS;
    private int loadPercent;
    private long seed;
    private int minimumRingSize = 1024;
    private int maximumRingSize = Rings.MAX_POINTS;
    private int entriesPerServer;
    private int tableSize = 65_537;

    HashBalancerBuilder(Algorithm algorithm, HashKey key) {
        this.algorithm = algorithm;
        this.key = key;
    }

    /**
     * Bounds what a server has in flight to a multiple of its share, by weight, of all that is in flight: a hot key then
     * spills over to the next servers of its sequence. Default: unbounded.
     *
     * <p>With m requests in flight, the one to be picked included, a server of n equal ones gets no more while it has
     * {@code ceil(ceil(m * factor) / n)}. That is {@code hash_balance_factor} of Envoy divided by 100, and {@code
     * hash-balance-factor} of HAProxy; whoever is full is passed over in the order of the key's sequence, as in HAProxy.
     * Threads that pick at the same moment do not see each other's pick, so each may go one above. A retry prefers a
     * full server that was not tried to one that was. Unless the key's own server is idle, a pick reads the in-flight
     * count of every server.
     *
     * @param factor 1 to 1000 in steps of 0.01; 1.25 to 2 is usual
     * @return this builder
     * @throws IllegalArgumentException if the factor is something else
     */
    public HashBalancerBuilder boundedLoad(double factor) {
        double percent = Math.rint(factor * 100);
        if (!(factor >= 1 && factor <= MAX_LOAD_FACTOR) || Math.abs(percent - factor * 100) > 1e-6) {
            throw Checks.rejected("boundedLoad", factor, "1 to 1000 in steps of 0.01");
        }
        loadPercent = (int) percent;
        return this;
    }

    /**
     * Sets the seed with which keys are hashed. Default: 0, with which Envoy and gRPC hash.
     *
     * <p>Where keys come from strangers, take a secret one: whoever knows the seed can choose keys that all go to one
     * server. All instances that shall agree need the same. For ring hash, Maglev, rendezvous and jump hash.
     *
     * @param number any number
     * @return this builder
     * @throws IllegalArgumentException if the algorithm hashes with something else than XXH64
     */
    public HashBalancerBuilder seed(long number) {
        require(algorithm.seeded, "seed", number);
        seed = number;
        return this;
    }

    /**
     * Places each server by its {@link io.lbclient.Server#id()} in place of {@code host:port}, so that it keeps its keys
     * when its address changes. For nginx's consistent hash, ketama, ring hash, Maglev and rendezvous.
     *
     * <p>In either case, of servers that share a name all but the one with the least id are placed by {@code
     * name#id}, or they would get nothing.
     *
     * @return this builder
     * @throws IllegalArgumentException if the algorithm goes by the order of the servers
     */
    public HashBalancerBuilder placedById() {
        require(algorithm.named, "placedById", true);
        serverName = ServerName.ID;
        return this;
    }

    /**
     * Sets the least number of entries in the ring, for ring hash. Default: 1024, as in Envoy.
     *
     * @param entries 1 to 8 388 608; a hundred for each server is a good start
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range, or the algorithm is another one
     */
    public HashBalancerBuilder minimumRingSize(int entries) {
        require(algorithm == Algorithm.RING_HASH, "minimumRingSize", entries);
        minimumRingSize = Checks.between("minimumRingSize", entries, 1, Rings.MAX_POINTS);
        return this;
    }

    /**
     * Sets the greatest number of entries in the ring, for ring hash: with very different weights, the ring grows until
     * the least one has an entry. Default: 8 388 608, as in Envoy; gRPC has 4096.
     *
     * @param entries 1 to 8 388 608
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range, or the algorithm is another one
     */
    public HashBalancerBuilder maximumRingSize(int entries) {
        require(algorithm == Algorithm.RING_HASH, "maximumRingSize", entries);
        maximumRingSize = Checks.between("maximumRingSize", entries, 1, Rings.MAX_POINTS);
        return this;
    }

    /**
     * Gives each server of ring hash a number of entries that does not depend on the other servers: this many for weight
     * 1. The minimum and the maximum size no longer count, and a change of the list moves no key between servers that
     * stay. Default: by the size of the ring, as in Envoy, where a smaller list means more entries for each server, so
     * that a removal moves some keys of the others too.
     *
     * @param entries 1 to 65 536
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range, or the algorithm is another one
     */
    public HashBalancerBuilder entriesPerServer(int entries) {
        require(algorithm == Algorithm.RING_HASH, "entriesPerServer", entries);
        entriesPerServer = Checks.between("entriesPerServer", entries, 1, 65_536);
        return this;
    }

    /**
     * Sets the size of the table, for Maglev. Default: 65 537, as in Envoy.
     *
     * @param size a prime number from 2 to 5 000 011, and better a hundred times the number of servers
     * @return this builder
     * @throws IllegalArgumentException if it is not such a number, or the algorithm is another one
     */
    public HashBalancerBuilder tableSize(int size) {
        require(algorithm == Algorithm.MAGLEV, "tableSize", size);
        if (size < 2 || size > MAX_TABLE_SIZE || !prime(size)) {
            throw Checks.rejected("tableSize", size, "a prime number from 2 to " + MAX_TABLE_SIZE);
        }
        tableSize = size;
        return this;
    }

    private static boolean prime(int number) {
        for (int divisor = 2; (long) divisor * divisor <= number; divisor++) {
            if (number % divisor == 0) {
                return false;
            }
        }
        return true;
    }

    private void require(boolean applies, String name, Object value) {
        if (!applies) {
            throw Checks.rejected(name, value, "an algorithm that has it, which " + this + " does not");
        }
    }

    /**
     * Returns the strategy.
     *
     * @return hashing by the algorithm, with these settings
     * @throws IllegalArgumentException if the minimum size of the ring is greater than the maximum
     */
    public Balancer build() {
        if (minimumRingSize > maximumRingSize) {
            throw Checks.rejected("minimumRingSize", minimumRingSize, "at most maximumRingSize, " + maximumRingSize);
        }
        HashSettings.Sizes sizes =
                new HashSettings.Sizes(minimumRingSize, maximumRingSize, entriesPerServer, tableSize);
        return new HashBalancer(algorithm, new HashSettings(key, serverName, loadPercent, seed, sizes));
    }

    @Override
    public String toString() {
        return algorithm.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
