package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A strategy that sends requests with the same key to the same server, as long as that server is there.
 *
 * <p>It holds settings only and is immutable: each method that sets something returns a copy. {@link Balancers} has the
 * algorithms.
 *
 * <pre>{@code
 * Balancer byUser = Balancers.maglev(HashKey.header("x-user")).boundedLoad(1.25);
 * }</pre>
 *
 * <p>A retry goes on to the next server of the key's own sequence. When a server is missing, for whatever reason, its
 * keys go where the retries would; what else moves is said with each algorithm.
 */
public final class HashBalancer implements Balancer {
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
    private final HashSettings settings;

    HashBalancer(Algorithm algorithm, HashSettings settings) {
        this.algorithm = algorithm;
        this.settings = settings;
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
     * @return a copy with this bound
     * @throws IllegalArgumentException if the factor is something else
     */
    public HashBalancer boundedLoad(double factor) {
        double percent = Math.rint(factor * 100);
        if (!(factor >= 1 && factor <= MAX_LOAD_FACTOR) || Math.abs(percent - factor * 100) > 1e-6) {
            throw rejected("boundedLoad", factor, "1 to 1000 in steps of 0.01");
        }
        return with(settings.withLoadPercent((int) percent));
    }

    /**
     * Sets the seed with which keys are hashed. Default: 0, with which Envoy and gRPC hash.
     *
     * <p>Where keys come from strangers, take a secret one: whoever knows the seed can choose keys that all go to one
     * server. All instances that shall agree need the same. For ring hash, Maglev, rendezvous and jump hash.
     *
     * @param seed any number
     * @return a copy with this seed
     * @throws IllegalArgumentException if the algorithm hashes with something else than XXH64
     */
    public HashBalancer seed(long seed) {
        require(algorithm.seeded, "seed", seed);
        return with(settings.withSeed(seed));
    }

    /**
     * Places each server by its {@link io.lbclient.Server#id()} in place of {@code host:port}, so that it keeps its keys
     * when its address changes. For nginx's consistent hash, ketama, ring hash, Maglev and rendezvous.
     *
     * <p>In either case, of servers that share a name all but the one with the least id are placed by {@code
     * name#id}, or they would get nothing.
     *
     * @return a copy that places servers by id
     * @throws IllegalArgumentException if the algorithm goes by the order of the servers
     */
    public HashBalancer placedById() {
        require(algorithm.named, "placedById", true);
        return with(settings.withServerName(ServerName.ID));
    }

    /**
     * Sets the least number of entries in the ring, for ring hash. Default: 1024, as in Envoy.
     *
     * @param entries 1 to 8 388 608 and at most the maximum; a hundred for each server is a good start
     * @return a copy with this size
     * @throws IllegalArgumentException if it is outside that range, or the algorithm is another one
     */
    public HashBalancer minimumRingSize(int entries) {
        require(algorithm == Algorithm.RING_HASH, "minimumRingSize", entries);
        HashSettings.Sizes sizes = settings.sizes();
        if (entries < 1 || entries > sizes.maximumRing()) {
            throw rejected("minimumRingSize", entries, "1 to the maximum, " + sizes.maximumRing());
        }
        return with(settings.withSizes(
                new HashSettings.Sizes(entries, sizes.maximumRing(), sizes.entriesPerServer(), sizes.table())));
    }

    /**
     * Sets the greatest number of entries in the ring, for ring hash: with very different weights, the ring grows until
     * the least one has an entry. Default: 8 388 608, as in Envoy; gRPC has 4096.
     *
     * @param entries at least the minimum and at most 8 388 608
     * @return a copy with this size
     * @throws IllegalArgumentException if it is outside that range, or the algorithm is another one
     */
    public HashBalancer maximumRingSize(int entries) {
        require(algorithm == Algorithm.RING_HASH, "maximumRingSize", entries);
        HashSettings.Sizes sizes = settings.sizes();
        if (entries < sizes.minimumRing() || entries > Rings.MAX_POINTS) {
            throw rejected("maximumRingSize", entries, "the minimum, " + sizes.minimumRing() + ", to 8388608");
        }
        return with(settings.withSizes(
                new HashSettings.Sizes(sizes.minimumRing(), entries, sizes.entriesPerServer(), sizes.table())));
    }

    /**
     * Gives each server of ring hash a number of entries that does not depend on the other servers: this many for weight
     * 1. The minimum and the maximum size no longer count, and a change of the list moves no key between servers that
     * stay. Default: by the size of the ring, as in Envoy, where a smaller list means more entries for each server, so
     * that a removal moves some keys of the others too.
     *
     * @param entries 1 to 65 536
     * @return a copy with so many entries for each server
     * @throws IllegalArgumentException if it is outside that range, or the algorithm is another one
     */
    public HashBalancer entriesPerServer(int entries) {
        require(algorithm == Algorithm.RING_HASH, "entriesPerServer", entries);
        if (entries < 1 || entries > 65_536) {
            throw rejected("entriesPerServer", entries, "1 to 65536");
        }
        HashSettings.Sizes sizes = settings.sizes();
        return with(settings.withSizes(
                new HashSettings.Sizes(sizes.minimumRing(), sizes.maximumRing(), entries, sizes.table())));
    }

    /**
     * Sets the size of the table, for Maglev. Default: 65 537, as in Envoy.
     *
     * @param size a prime number from 2 to 5 000 011, and better a hundred times the number of servers
     * @return a copy with this size
     * @throws IllegalArgumentException if it is not such a number, or the algorithm is another one
     */
    public HashBalancer tableSize(int size) {
        require(algorithm == Algorithm.MAGLEV, "tableSize", size);
        if (size < 2 || size > MAX_TABLE_SIZE || !prime(size)) {
            throw rejected("tableSize", size, "a prime number from 2 to " + MAX_TABLE_SIZE);
        }
        HashSettings.Sizes sizes = settings.sizes();
        return with(settings.withSizes(
                new HashSettings.Sizes(sizes.minimumRing(), sizes.maximumRing(), sizes.entriesPerServer(), size)));
    }

    private static boolean prime(int number) {
        for (int divisor = 2; (long) divisor * divisor <= number; divisor++) {
            if (number % divisor == 0) {
                return false;
            }
        }
        return true;
    }

    private HashBalancer with(HashSettings changed) {
        return new HashBalancer(algorithm, changed);
    }

    private void require(boolean applies, String name, Object value) {
        if (!applies) {
            throw rejected(name, value, "an algorithm that has it, which " + this + " does not");
        }
    }

    private static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        Members members = Members.of(candidates);
        if (algorithm == Algorithm.RENDEZVOUS) {
            return new RendezvousPicker(members, settings);
        }
        Slots before = previous instanceof PlacedPicker placed && placed.placement instanceof SlotPlacement slotted
                ? slotted.slots
                : null;
        return switch (algorithm) {
            case IP_HASH -> inTurns(members, new NginxIpHash(members, Slots.listed(members, before)), previous);
            case NGINX_HASH -> inTurns(members, new NginxHash(members, Slots.listed(members, before)), previous);
            case NGINX_CONSISTENT_HASH -> inTurns(members, Rings.nginx(members, settings), previous);
            case KETAMA -> atRandom(members, Rings.ketama(members, settings));
            case RING_HASH -> atRandom(members, Rings.envoy(members, settings));
            case MAGLEV -> atRandom(members, new Maglev(members, settings));
            default -> atRandom(members, new JumpHash(members, Slots.kept(members, before), settings.seed()));
        };
    }

    private Picker atRandom(Members members, Placement placement) {
        return new PlacedPicker(members, settings, placement, null);
    }

    private Picker inTurns(Members members, Placement placement, @Nullable Picker previous) {
        Picker before = previous instanceof HashPicker hashed ? hashed.turns() : null;
        Picker turns = Balancers.weightedRoundRobin().picker(List.of(members.servers), before);
        return new PlacedPicker(members, settings, placement, turns);
    }

    @Override
    public String toString() {
        return algorithm.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
