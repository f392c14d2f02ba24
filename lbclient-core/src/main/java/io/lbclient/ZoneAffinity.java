package io.lbclient;

import io.lbclient.internal.Checks;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a pool spreads its picks over zones: its own zone first, or by weights.
 *
 * <p>{@linkplain #preferring Preferring} a zone keeps requests in it as far as its servers go. If the zone has as great
 * a part of the servers as of the clients, all requests stay; if it has less, the missing part goes to the zones that
 * have more than their clients need, in proportion to what they have to spare: never all or nothing. (Zone-aware
 * routing, after Envoy.)
 *
 * <p>{@linkplain #weighted Weights} give each zone a share, which shrinks when too few of its servers are healthy.
 * (Locality-weighted load balancing, after Envoy.)
 *
 * <p>Immutable and safe to share. Servers without a zone count as a zone of their own.
 */
public final class ZoneAffinity {
    /** How many healthy servers it takes for a zone to be preferred unless told otherwise: {@value}, as in Envoy. */
    public static final int DEFAULT_MIN_SERVERS = 6;

    private final String own;
    private final Map<String, Double> shares;
    private final int minServers;

    private ZoneAffinity(String own, Map<String, Double> shares, int minServers) {
        this.own = own;
        this.shares = shares;
        this.minServers = minServers;
    }

    /**
     * Returns the preference for a zone, taking it that clients are spread evenly over the zones that have servers, and
     * that below {@value #DEFAULT_MIN_SERVERS} eligible servers a preference would do more harm than good.
     *
     * @param zone this program's own zone, as its {@linkplain Server#zone() servers} have it; not empty
     * @return the affinity
     * @throws IllegalArgumentException if the zone is empty or malformed
     */
    public static ZoneAffinity preferring(String zone) {
        return new ZoneAffinity(Names.token("zone", zone), Map.of(), DEFAULT_MIN_SERVERS);
    }

    /**
     * Returns the spread by weights.
     *
     * @param weights a weight for each zone, finite and at least 0; a zone that is not named gets nothing while a named
     *     one has servers
     * @return the affinity
     * @throws IllegalArgumentException if a weight is negative, infinite or not a number
     */
    public static ZoneAffinity weighted(Map<String, Double> weights) {
        weights.values().forEach(weight -> Checks.notNegative("weight", weight));
        return new ZoneAffinity("", Map.copyOf(weights), 0);
    }

    /**
     * Returns a copy that knows how the clients are spread, in place of evenly.
     *
     * @param clients the relative number of clients in each zone, finite and at least 0; 0 for a zone not named
     * @return the copy
     * @throws IllegalArgumentException if a number is negative, infinite or not a number
     */
    public ZoneAffinity withClients(Map<String, Double> clients) {
        clients.values().forEach(count -> Checks.notNegative("clients", count));
        return new ZoneAffinity(own, Map.copyOf(clients), minServers);
    }

    /**
     * Returns a copy with another least number of servers.
     *
     * @param servers below this many eligible servers all zones are used alike; at least 0
     * @return the copy
     * @throws IllegalArgumentException if it is negative
     */
    public ZoneAffinity withMinServers(int servers) {
        return new ZoneAffinity(own, shares, Checks.atLeast("minServers", servers, 0));
    }

    /** The share of each zone, adding up to 1; empty if the zones are not to be told apart. */
    Map<String, Double> split(Map<String, Integer> healthy, Map<String, Integer> total, int overprovisioningPercent) {
        return own.isEmpty() ? byWeight(healthy, total, overprovisioningPercent) : ownFirst(healthy);
    }

    private Map<String, Double> byWeight(
            Map<String, Integer> healthy, Map<String, Integer> total, int overprovisioningPercent) {
        Map<String, Double> split = new HashMap<>();
        healthy.forEach((zone, count) -> {
            double available = Math.min(100, overprovisioningPercent * count / total.getOrDefault(zone, count));
            split.put(zone, shares.getOrDefault(zone, 0.0) * available);
        });
        return normalized(split);
    }

    private Map<String, Double> ownFirst(Map<String, Integer> healthy) {
        int servers = healthy.values().stream().mapToInt(Integer::intValue).sum();
        if (healthy.size() < 2 || servers < minServers || healthy.getOrDefault(own, 0) == 0) {
            return Map.of();
        }
        double clients = shares.isEmpty()
                ? healthy.size()
                : healthy.keySet().stream()
                        .mapToDouble(zone -> shares.getOrDefault(zone, 0.0))
                        .sum();
        if (clients == 0) {
            return Map.of();
        }
        Map<String, Double> spare = new HashMap<>();
        double ownShare = 1.0;
        for (Map.Entry<String, Integer> zone : healthy.entrySet()) {
            double ofServers = (double) zone.getValue() / servers;
            double ofClients = (shares.isEmpty() ? 1.0 : shares.getOrDefault(zone.getKey(), 0.0)) / clients;
            if (!zone.getKey().equals(own)) {
                spare.put(zone.getKey(), Math.max(0.0, ofServers - ofClients));
            } else if (ofServers < ofClients) {
                ownShare = ofServers / ofClients;
            }
        }
        Map<String, Double> split = new HashMap<>(normalized(spare));
        double away = split.isEmpty() ? 0.0 : 1.0 - ownShare;
        split.replaceAll((zone, share) -> share * away);
        split.put(own, 1.0 - away);
        return split;
    }

    private static Map<String, Double> normalized(Map<String, Double> parts) {
        double sum = parts.values().stream().mapToDouble(Double::doubleValue).sum();
        if (sum == 0) {
            return Map.of();
        }
        Map<String, Double> shares = new HashMap<>();
        parts.forEach((zone, part) -> shares.put(zone, part / sum));
        return shares;
    }

    /** The zones of some servers, with how many of them stand in each. */
    static Map<String, Integer> count(List<ServerState> servers) {
        Map<String, Integer> counts = new HashMap<>();
        servers.forEach(state -> counts.merge(state.server().zone(), 1, Integer::sum));
        return counts;
    }

    @Override
    public String toString() {
        return own.isEmpty() ? "zones weighted " + shares : "zone " + own + " first";
    }
}
