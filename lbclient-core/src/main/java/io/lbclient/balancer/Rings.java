package io.lbclient.balancer;

import java.util.Arrays;
import java.util.Comparator;

/** Builds the rings of the programs whose placement is kept; {@link Balancers} names them. */
final class Rings {
    private static final int POINTS_PER_WEIGHT = 160;
    private static final int KETAMA_DIGESTS = 40;

    /** Envoy's hard limit, which bounds the other rings too: a weight of a million must not fill the memory. */
    static final int MAX_POINTS = 8_388_608;

    private Rings() {}

    /** Envoy's ring hash, and gRPC's A42: entry i of a server is XXH64 of {@code host:port_i}. */
    static Ring envoy(Members members, HashSettings settings) {
        String[] names = members.names(settings.serverName());
        HashSettings.Sizes sizes = settings.sizes();
        int[] entries = sizes.entriesPerServer() > 0
                ? fixedEntries(members, sizes.entriesPerServer())
                : envoyEntries(members.normalized(), sizes);
        Ring.Builder ring = new Ring.Builder(members, Arrays.stream(entries).sum());
        for (int server = 0; server < names.length; server++) {
            for (int entry = 0; entry < entries[server]; entry++) {
                ring.add(XxHash64.hash(names[server] + '_' + entry, 0), server);
            }
        }
        long seed = settings.seed();
        Ring.KeyHash keyHash = new Ring.KeyHash(key -> XxHash64.hashKey(key, seed), -1L);
        return ring.build(() -> byName(names), keyHash, Placement.MIN_STEPS + names.length);
    }

    /** So many entries that the server of the least weight has its share of the smallest ring, in whole entries. */
    private static int[] envoyEntries(double[] shares, HashSettings.Sizes sizes) {
        double least = Arrays.stream(shares).min().orElse(1);
        double scale = Math.min(Math.ceil(least * sizes.minimumRing()) / least, sizes.maximumRing());
        int[] entries = new int[shares.length];
        // Running sums, as in Envoy, so that the fractions of all servers add up to whole entries.
        double current = 0;
        double target = 0;
        for (int i = 0; i < shares.length; i++) {
            target += scale * shares[i];
            while (current < target) {
                entries[i]++;
                current++;
            }
        }
        return entries;
    }

    private static int[] fixedEntries(Members members, int perWeight) {
        double factor = pointsPerWeight(members, perWeight);
        return Arrays.stream(members.weights)
                .mapToInt(weight -> (int) Math.max(1, Math.rint(weight * factor)))
                .toArray();
    }

    /**
     * As many points for weight 1 as wanted, unless that would be more than a ring may have: then so many that a server of
     * mean weight has twice as many as it would for weight 1, which tells weights apart and is soon built.
     */
    private static double pointsPerWeight(Members members, int wanted) {
        double most = wanted * members.total <= MAX_POINTS
                ? MAX_POINTS
                : Math.min(MAX_POINTS, 2.0 * wanted * members.count());
        return Math.min(wanted, most / members.total);
    }

    /** nginx's {@code hash ... consistent}, which is that of Cache::Memcached::Fast with 160 points. */
    static Ring nginx(Members members, HashSettings settings) {
        String[] names = members.names(settings.serverName());
        double perWeight = pointsPerWeight(members, POINTS_PER_WEIGHT);
        Ring.Builder ring = new Ring.Builder(members, (int) Math.ceil(perWeight * members.total));
        for (int server = 0; server < names.length; server++) {
            int start = hostAndPort(names[server]);
            long count = Math.max(1, Math.round(members.weights[server] * perWeight));
            int point = 0;
            for (long i = 0; i < count; i++) {
                long value = Crc32.value(Crc32.updateLittleEndian(start, point));
                ring.add(value, server);
                point = (int) value;
            }
        }
        Ring.KeyHash keyHash = new Ring.KeyHash(key -> Crc32.of(KeyText.of(key)), Ring.MASK_32);
        // In nginx, of equal points the one that was listed first stays.
        return ring.build(() -> listed(names.length), keyHash, Placement.MIN_STEPS);
    }

    /** The checksum so far of {@code HOST NUL PORT}; without a port, of {@code NAME NUL}. */
    private static int hostAndPort(String name) {
        int colon = name.lastIndexOf(':');
        boolean port = colon >= 0
                && colon < name.length() - 1
                && name.chars().skip(colon + 1).allMatch(c -> c >= '0' && c <= '9');
        String host = port ? name.substring(0, colon) : name;
        int state = Crc32.update(Crc32.update(Crc32.START, host), 0);
        return port ? Crc32.update(state, name.substring(colon + 1)) : state;
    }

    /** Ketama as in libmemcached and spymemcached: 40 MD5 digests for a server of mean weight, 4 points in each. */
    static Ring ketama(Members members, HashSettings settings) {
        String[] names = members.names(settings.serverName());
        int n = names.length;
        double digests = Math.min(KETAMA_DIGESTS, MAX_POINTS / 4.0 / n);
        Ring.Builder ring = new Ring.Builder(members, (int) (digests * 4 * n));
        long[] halves = new long[2];
        for (int server = 0; server < n; server++) {
            double share = members.weights[server] / members.total;
            // The addend is libmemcached's: without it a share of 1/n would often lose a digest to rounding.
            int count = Math.max(1, (int) Math.floor(share * digests * n + 1e-10));
            for (int i = 0; i < count; i++) {
                Md5.digest(names[server] + '-' + i, halves);
                for (long half : halves) {
                    ring.add(half & Ring.MASK_32, server);
                    ring.add(half >>> 32, server);
                }
            }
        }
        Ring.KeyHash keyHash = new Ring.KeyHash(key -> Md5.first(KeyText.of(key)), Ring.MASK_32);
        return ring.build(() -> byName(names), keyHash, Placement.MIN_STEPS + n);
    }

    /** An order that does not depend on the list: two clients with the same servers must agree. */
    static Integer[] byName(String[] names) {
        Integer[] order = listed(names.length);
        Arrays.sort(order, Comparator.comparing(i -> names[i]));
        return order;
    }

    private static Integer[] listed(int count) {
        Integer[] order = new Integer[count];
        Arrays.setAll(order, i -> i);
        return order;
    }
}
