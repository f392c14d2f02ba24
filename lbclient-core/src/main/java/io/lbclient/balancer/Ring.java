package io.lbclient.balancer;

import io.lbclient.Candidate;
import java.util.Arrays;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A ring of points: a key belongs to the first point at or after its hash, and then to the points that follow. */
final class Ring extends Placement {
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
            // With the top bit turned, signed order is unsigned order, in which the platform's sort can be used.
            points[count] = point ^ Long.MIN_VALUE;
            owners[count++] = server;
        }

        /** Of several servers with the same point the one that comes first in {@code order} has it. */
        Ring build(Integer[] order, KeyHash keyHash, int steps) {
            long[] sorted = Arrays.copyOf(points, count);
            Arrays.sort(sorted);
            int distinct = 1;
            for (int i = 1; i < count; i++) {
                if (sorted[i] != sorted[i - 1]) {
                    sorted[distinct++] = sorted[i];
                }
            }
            int[] rank = new int[order.length];
            for (int i = 0; i < order.length; i++) {
                rank[order[i]] = i;
            }
            int[] owner = new int[distinct];
            Arrays.fill(owner, -1);
            for (int i = 0; i < count; i++) {
                int at = Arrays.binarySearch(sorted, 0, distinct, points[i]);
                if (owner[at] < 0 || rank[owners[i]] < rank[owner[at]]) {
                    owner[at] = owners[i];
                }
            }
            long[] unsigned = new long[distinct];
            Arrays.setAll(unsigned, i -> sorted[i] ^ Long.MIN_VALUE);
            return new Ring(members.servers, unsigned, owner, keyHash, steps);
        }
    }
}
