package io.lbclient.balancer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A numbered list of servers in which one that left keeps its number, empty, so that the numbers of the others stay.
 * Once more than half are empty, the list is made anew.
 */
final class Slots {
    /** The ids of the servers, those that left included. */
    private final List<String> ids;
    /** The last known weights. */
    private final double[] weights;
    /** The indexes of the servers among the members; negative for those that left. */
    private final int[] owners;

    private Slots(List<String> ids, Members members, Map<String, Double> lastWeights) {
        this.ids = ids;
        this.weights = new double[ids.size()];
        this.owners = new int[ids.size()];
        Map<String, Integer> indexes = indexes(members);
        for (int i = 0; i < owners.length; i++) {
            int owner = indexes.getOrDefault(ids.get(i), -1);
            owners[i] = owner;
            weights[i] = owner >= 0 ? members.weights[owner] : lastWeights.getOrDefault(ids.get(i), 1.0);
        }
    }

    /**
     * As nginx would number the servers: in the order of the list. A server that left counts as one marked {@code down},
     * until one joins that was not there, which is like a new list for nginx.
     */
    static Slots listed(Members members, @Nullable Slots before) {
        List<String> now = ids(members);
        boolean subset = before != null
                && now.size() < before.ids.size()
                && 2 * now.size() >= before.ids.size()
                && new HashSet<>(before.ids).containsAll(now);
        return new Slots(subset && before != null ? before.ids : now, members, lastWeights(before));
    }

    /** Each server keeps its number; one that joins takes the lowest number that is empty, or the next one. */
    static Slots kept(Members members, @Nullable Slots before) {
        List<String> now = ids(members);
        if (before == null || 2 * now.size() < before.ids.size()) {
            return new Slots(now, members, Map.of());
        }
        List<String> ids = new ArrayList<>(before.ids);
        Set<String> present = new HashSet<>(now);
        Set<String> known = new HashSet<>(ids);
        int empty = 0;
        for (String id : now) {
            if (!known.contains(id)) {
                while (empty < ids.size() && present.contains(ids.get(empty))) {
                    empty++;
                }
                if (empty < ids.size()) {
                    ids.set(empty, id);
                } else {
                    ids.add(id);
                }
            }
        }
        return new Slots(ids, members, lastWeights(before));
    }

    private static List<String> ids(Members members) {
        List<String> ids = new ArrayList<>(members.count());
        for (var server : members.servers) {
            ids.add(server.server().id());
        }
        return ids;
    }

    private static Map<String, Integer> indexes(Members members) {
        Map<String, Integer> indexes = new HashMap<>();
        for (int i = 0; i < members.count(); i++) {
            indexes.put(members.servers[i].server().id(), i);
        }
        return indexes;
    }

    private static Map<String, Double> lastWeights(@Nullable Slots before) {
        Map<String, Double> last = new HashMap<>();
        if (before != null) {
            for (int i = 0; i < before.weights.length; i++) {
                last.put(before.ids.get(i), before.weights[i]);
            }
        }
        return last;
    }

    int count() {
        return owners.length;
    }

    int owner(int slot) {
        return owners[slot];
    }

    double[] weights() {
        return weights.clone();
    }
}
