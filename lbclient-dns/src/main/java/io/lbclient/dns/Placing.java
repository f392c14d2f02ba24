package io.lbclient.dns;

import io.lbclient.Server;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * How addresses become the servers of a pool: in an order that does not depend on that of the answers, which resolvers
 * rotate.
 */
record Placing(int port, int maxServers, UnaryOperator<Server> placement) {
    /** One address with what the records say of it. */
    record Place(InetAddress address, int port, double weight, int tier) {}

    Found found(List<Place> places, long ttlSeconds, List<Found.Refusal> refusals) {
        List<Found.Refusal> refused = new ArrayList<>(refusals);
        Map<String, Server> byId = new LinkedHashMap<>();
        List<Server> servers = new ArrayList<>();
        for (Place place : places) {
            String at = place.address.getHostAddress();
            try {
                servers.add(placement.apply(
                        Server.of(at, place.port).withWeight(place.weight).withTier(place.tier)));
            } catch (RuntimeException e) {
                refused.add(new Found.Refusal(at + ":" + place.port, String.valueOf(e.getMessage())));
            }
        }
        servers.sort(Comparator.comparingInt(Server::tier).thenComparing(Server::id));
        servers.forEach(server -> byId.putIfAbsent(server.id(), server));
        List<Server> distinct = List.copyOf(byId.values());
        if (distinct.size() > maxServers) {
            refused.add(new Found.Refusal(
                    distinct.size() + " servers", "more than maxServers: only the first " + maxServers + " are used"));
            distinct = distinct.subList(0, maxServers);
        }
        return new Found(distinct, false, ttlSeconds, refused);
    }
}
