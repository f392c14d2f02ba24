package io.lbclient.balancer;

import io.lbclient.Candidate;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A ring of points: a key belongs to the first point at or after its hash, and then to the points that follow. */
final class Ring extends Placement {
    /** The mask of hashes of 32 bits. */
    static final long MASK_32 = 0xffffffffL;

    /** How a ring hashes keys; the mask has a bit for each bit of its hashes and points. */
    record KeyHash(ToLongFunction<Object> function, long mask) {}

    /** Where the points are, ascending as unsigned numbers, without duplicates. */
    private final long[] points;
    /** Whose the points are: indexes of the servers. */
    private final int[] owners;

    private final KeyHash keyHash;
    private final int steps;

    private Ring(Candidate[] servers, long[] points, int[] owners, KeyHash keyHash, int steps) {
        super(servers);
        this.points = points;
        this.owners = owners;
        this.keyHash = keyHash;
        this.steps = steps;
    }

    @Override
    long hash(Object key) {
        return keyHash.function.applyAsLong(key);
    }

    @Override
    long hashOf(long random) {
        return random & keyHash.mask;
    }

    @Override
    long first(long hash) {
        int low = 0;
        int high = points.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(points[middle], hash) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == points.length ? 0 : low;
    }

    @Override
    long next(@Nullable Object key, long place, int step) {
        return place + 1 == points.length ? 0 : place + 1;
    }

    @Override
    int owner(long place) {
        return owners[(int) place];
    }

    @Override
    int steps() {
        return steps;
    }

    int size() {
        return points.length;
    }

    long point(int index) {
        return points[index];
    }

    /** Collects the points of one server after the other. */
    static final class Builder {
        private final Members members;
        private long[] points;
        private int[] owners;
        private int count;

        Builder(Members members, int expected) {
            this.members = members;
            points = new long[Math.max(16, expected)];
            owners = new int[points.length];
        }

        void add(long point, int server) {
            if (count == points.length) {
                points = Arrays.copyOf(points, count + (count >> 1));
                owners = Arrays.copyOf(owners, points.length);
            }
            points[count] = point;
            owners[count++] = server;
        }

        /**
         * Of several servers with the same point the one that comes first in {@code order} has it. The order is made only if
         * it is needed: sorting the names of many servers takes longer than the rest, and 64 bits hardly ever collide.
         */
        Ring build(Supplier<Integer[]> order, KeyHash keyHash, int steps) {
            return keyHash.mask == MASK_32 ? narrow(order.get(), keyHash, steps) : wide(order, keyHash, steps);
        }

        /** A point of 32 bits and the rank of its server are one number, so that one sort puts both in order. */
        private Ring narrow(Integer[] order, KeyHash keyHash, int steps) {
            int[] rank = ranks(order);
            long[] sorted = new long[count];
            Arrays.setAll(sorted, i -> (points[i] << 32 ^ Long.MIN_VALUE) | rank[owners[i]]);
            Arrays.sort(sorted);
            long[] distinct = new long[count];
            int[] owner = new int[count];
            int size = 0;
            for (long each : sorted) {
                long point = (each ^ Long.MIN_VALUE) >>> 32;
                if (size == 0 || distinct[size - 1] != point) {
                    distinct[size] = point;
                    owner[size++] = order[(int) each];
                }
            }
            return new Ring(members.servers, Arrays.copyOf(distinct, size), Arrays.copyOf(owner, size), keyHash, steps);
        }

        private Ring wide(Supplier<Integer[]> order, KeyHash keyHash, int steps) {
            // With the top bit turned, signed order is unsigned order, in which the platform's sort can be used.
            long[] sorted = Arrays.stream(points, 0, count)
                    .map(point -> point ^ Long.MIN_VALUE)
                    .sorted()
                    .toArray();
            int size = 0;
            for (long point : sorted) {
                if (size == 0 || sorted[size - 1] != point) {
                    sorted[size++] = point;
                }
            }
            int[] rank = size < count ? ranks(order.get()) : new int[members.count()];
            int[] owner = new int[size];
            Arrays.fill(owner, -1);
            for (int i = 0; i < count; i++) {
                int at = Arrays.binarySearch(sorted, 0, size, points[i] ^ Long.MIN_VALUE);
                if (owner[at] < 0 || rank[owners[i]] < rank[owner[at]]) {
                    owner[at] = owners[i];
                }
            }
            long[] distinct = new long[size];
            Arrays.setAll(distinct, i -> sorted[i] ^ Long.MIN_VALUE);
            return new Ring(members.servers, distinct, owner, keyHash, steps);
        }

        private static int[] ranks(Integer[] order) {
            int[] rank = new int[order.length];
            for (int i = 0; i < order.length; i++) {
                rank[order[i]] = i;
            }
            return rank;
        }
    }
}
