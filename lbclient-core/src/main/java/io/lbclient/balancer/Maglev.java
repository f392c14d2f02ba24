package io.lbclient.balancer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** See {@link Balancers#maglev}. */
final class Maglev extends Placement {
    private final int[] table;
    private final long seed;

    Maglev(Members members, HashSettings settings) {
        super(members.servers);
        this.table = table(
                members, members.names(settings.serverName()), settings.sizes().table());
        this.seed = settings.seed();
    }

    /** In turns, each server takes the next place of its own permutation that is free. */
    private static int[] table(Members members, String[] names, int size) {
        Integer[] order = Rings.byName(names);
        double[] shares = members.normalized();
        double greatest = Arrays.stream(shares).max().orElse(1);
        int n = names.length;
        int[] offset = new int[n];
        int[] skip = new int[n];
        double[] target = new double[n];
        for (int i = 0; i < n; i++) {
            offset[i] = (int) Long.remainderUnsigned(XxHash64.hash(names[i], 0), size);
            skip[i] = (int) Long.remainderUnsigned(XxHash64.hash(names[i], 1), size - 1) + 1;
        }
        int[] table = new int[size];
        Arrays.fill(table, -1);
        int filled = 0;
        for (int round = 1; filled < size; round++) {
            for (int turn = 0; turn < n && filled < size; turn++) {
                int server = order[turn];
                // A server of the greatest weight has a turn in each round, one of a third in each third.
                if (round * shares[server] < target[server]) {
                    continue;
                }
                target[server] += greatest;
                int at = offset[server];
                while (table[at] >= 0) {
                    at = after(at, skip[server], size);
                }
                table[at] = server;
                offset[server] = after(at, skip[server], size);
                filled++;
            }
        }
        return table;
    }

    private static int after(int at, int skip, int size) {
        long next = (long) at + skip;
        return (int) (next >= size ? next - size : next);
    }

    @Override
    long hash(Object key) {
        return XxHash64.hashKey(key, seed);
    }

    /** Envoy's: the hash is joined by exclusive or with the negative of the attempt's number. */
    @Override
    long next(@Nullable Object key, long place, int step) {
        return place ^ -(step - 1L) ^ -(long) step;
    }

    @Override
    int owner(long place) {
        return table[(int) Long.remainderUnsigned(place, table.length)];
    }

    int[] table() {
        return table.clone();
    }
}
