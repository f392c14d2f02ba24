package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.internal.Checks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * Ways for one client of a large fleet to use a part of it, so that not every client connects to every server; for
 * {@code ServerPoolBuilder.subset}.
 *
 * <p>Each is immutable and safe to share between the pools of one program. A list that is no longer than the subset is
 * used whole.
 */
public final class Subsets {
    private Subsets() {}

    /**
     * Returns a subset that a client chooses by itself: the servers whose ids, hashed with the client's seed, come
     * first. When one server joins or leaves, at most one member changes. Clients need not know of each other, and load
     * the servers unevenly: the fewer clients times members there are for each server, the more so. (Random subsetting,
     * gRFC A68.)
     *
     * @param size how many servers, at least 1
     * @param seed the client's seed, another one for each client, such as the hash of its host and process
     * @return the subset
     * @throws IllegalArgumentException if the size is less than 1
     */
    public static UnaryOperator<List<Server>> random(int size, long seed) {
        Checks.atLeast("size", size, 1);
        return servers -> servers.size() <= size ? servers : first(servers, size, seed);
    }

    /** In the order of the list, which strategies such as an IP hash go by. */
    private static List<Server> first(List<Server> servers, int size, long seed) {
        long[] ranks =
                servers.stream().mapToLong(server -> rank(server.id(), seed)).toArray();
        Integer[] order = new Integer[ranks.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(
                order,
                Comparator.<Integer>comparingLong(i -> ranks[i])
                        .thenComparing(i -> servers.get(i).id()));
        return Arrays.stream(order).limit(size).sorted().map(servers::get).toList();
    }

    /** FNV-1a over the id, then the finalizer of SplitMix64, without which neighbouring ids would rank together. */
    private static long rank(String id, long seed) {
        long hash = 0xcbf29ce484222325L ^ seed;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return hash ^ (hash >>> 31);
    }

    /**
     * Returns the subset of one of several clients that divide the servers among themselves: each round of {@code
     * servers / size} clients uses every server once, so clients that are numbered without gaps load the servers
     * evenly. When the list changes, most members change. (Deterministic subsetting, Site Reliability Engineering, 2016,
     * chapter 20.)
     *
     * @param client this client's number, from 0, without gaps between the clients
     * @param size how many servers, at least 1
     * @return the subset
     * @throws IllegalArgumentException if the number is negative or the size less than 1
     */
    public static UnaryOperator<List<Server>> deterministic(int client, int size) {
        Checks.atLeast("client", client, 0);
        Checks.atLeast("size", size, 1);
        return servers -> servers.size() <= size ? servers : slice(servers, client, size);
    }

    private static List<Server> slice(List<Server> servers, int client, int size) {
        // All clients must start from one order, in whatever order each was told of the servers.
        List<Server> shuffled = new ArrayList<>(servers);
        shuffled.sort(Comparator.comparing(Server::id));
        int subsets = servers.size() / size;
        SplittableRandom random = new SplittableRandom(client / subsets);
        for (int i = shuffled.size() - 1; i > 0; i--) {
            Collections.swap(shuffled, i, random.nextInt(i + 1));
        }
        int from = client % subsets * size;
        return List.copyOf(shuffled.subList(from, from + size));
    }
}
