package io.lbclient.notify;

import io.lbclient.PoolSnapshot;
import io.lbclient.ServerSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Details of what a pool says as a whole, for a person. */
final class Words {
    /** A reader wants to know what kind of trouble it is, not all of its victims. */
    private static final int MOST_SERVERS = 5;

    private Words() {}

    /** Who of the tiers in panic is out, and why. */
    static String panic(PoolSnapshot pool, Set<Integer> tiers) {
        List<ServerSnapshot> members = pool.servers().stream()
                .filter(server -> tiers.contains(server.server().tier()))
                .toList();
        List<ServerSnapshot> out =
                members.stream().filter(server -> !server.state().eligible()).toList();
        String who = out.stream()
                .limit(MOST_SERVERS)
                .map(server -> server.server().id() + " " + server.state() + " (" + server.detail() + ")")
                .collect(Collectors.joining(", "));
        String more = out.size() > MOST_SERVERS ? " and " + (out.size() - MOST_SERVERS) + " more" : "";
        return out.size() + " of " + members.size() + " servers of " + name(new TreeSet<>(tiers)) + " are out: " + who
                + more;
    }

    private static String name(Set<Integer> tiers) {
        return (tiers.size() == 1 ? "tier " : "tiers ")
                + tiers.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    /** How the load is spread, and how it was. */
    static String load(Map<Integer, Integer> before, Map<Integer, Integer> after) {
        return percent(after) + " (was: " + percent(before) + ")";
    }

    private static String percent(Map<Integer, Integer> byTier) {
        return new TreeMap<>(byTier)
                .entrySet().stream()
                        .map(tier -> tier.getValue() + " % to tier " + tier.getKey())
                        .collect(Collectors.joining(", "));
    }
}
