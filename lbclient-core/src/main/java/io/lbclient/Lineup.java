package io.lbclient;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Servers in the pool's order, with the weights that they have at the moment of a rebuild: read once, since each look at a
 * server is a place in memory, and a rebuild looks at ten thousand. Filled by one thread, and not changed afterwards.
 */
final class Lineup {
    private ServerState[] servers;
    private double[] weights;
    private int size;

    Lineup(int capacity) {
        servers = new ServerState[capacity];
        weights = new double[capacity];
    }

    void add(ServerState server, double weight) {
        if (size == servers.length) {
            int capacity = Math.max(16, 2 * size);
            servers = Arrays.copyOf(servers, capacity);
            weights = Arrays.copyOf(weights, capacity);
        }
        servers[size] = server;
        weights[size++] = weight;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Those that meet a condition: this if all do. */
    Lineup where(Predicate<ServerState> condition) {
        int kept = 0;
        while (kept < size && condition.test(servers[kept])) {
            kept++;
        }
        if (kept == size) {
            return this;
        }
        Lineup some = new Lineup(size);
        for (int i = 0; i < size; i++) {
            if (i < kept || (i > kept && condition.test(servers[i]))) {
                some.add(servers[i], weights[i]);
            }
        }
        return some;
    }

    /** Those that have a weight greater than 0, or all if none has one: this if that is all. */
    Lineup weighted() {
        int zeros = 0;
        for (int i = 0; i < size; i++) {
            zeros += weights[i] > 0 ? 0 : 1;
        }
        if (zeros == 0 || zeros == size) {
            return this;
        }
        Lineup some = new Lineup(size - zeros);
        for (int i = 0; i < size; i++) {
            if (weights[i] > 0) {
                some.add(servers[i], weights[i]);
            }
        }
        return some;
    }

    /** Whether all weights are the same. */
    boolean isEven() {
        for (int i = 1; i < size; i++) {
            if (weights[i] != weights[0]) {
                return false;
            }
        }
        return true;
    }

    /** The servers; not to be changed. */
    ServerState[] servers() {
        if (size < servers.length) {
            servers = Arrays.copyOf(servers, size);
        }
        return servers;
    }

    /** Their weights; not to be changed. */
    double[] weights() {
        if (size < weights.length) {
            weights = Arrays.copyOf(weights, size);
        }
        return weights;
    }

    List<ServerState> list() {
        return Arrays.asList(servers());
    }
}
