package io.lbclient;

import io.lbclient.internal.Checks;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One server of a pool: where it listens, and what is known about it before the first request.
 *
 * <p>The {@link #id()} is the identity. An update of a pool that brings a known id with another weight, zone, tier or
 * tag changes the settings and keeps the server's statistics and health. Immutable and safe to share.
 *
 * @param id the identity within a pool: 1 to 256 visible ASCII characters other than {@code " , ; \}; {@code
 *     host:port} unless chosen
 * @param host a host name or an IP address, IPv6 without brackets; it is resolved by whoever connects
 * @param port the port, 1 to 65535
 * @param weight the share of the traffic relative to the other servers: finite and at least 0, 1 unless chosen; 0
 *     means no traffic while another server has a weight
 * @param zone where the server stands, such as an availability zone, in the characters that an id may have; empty means
 *     unknown
 * @param tier the failover tier, at least 0: tier 1 serves when too little of tier 0 is healthy
 * @param tags further facts, for routing and views; keys and values are 1 to 256 visible ASCII characters
 */
public record Server(String id, String host, int port, double weight, String zone, int tier, Map<String, String> tags) {
    /**
     * Checks every component and copies the tags.
     *
     * @param id the identity within a pool
     * @param host a host name or an IP address
     * @param port the port
     * @param weight the share of the traffic
     * @param zone where the server stands
     * @param tier the failover tier
     * @param tags further facts
     * @throws IllegalArgumentException if a component is outside what the record says of it
     */
    public Server {
        Names.token("id", id);
        Names.host(host);
        Checks.between("port", port, 1, 65535);
        Checks.notNegative("weight", weight);
        if (!zone.isEmpty()) {
            Names.token("zone", zone);
        }
        Checks.atLeast("tier", tier, 0);
        tags.forEach((key, value) -> {
            Checks.visible("tag name", key);
            Checks.visible("tag " + key, value);
        });
        tags = Map.copyOf(tags);
    }

    /**
     * Returns a server with the id {@code host:port}, weight 1, tier 0, no zone and no tags.
     *
     * @param host a host name or an IP address, IPv6 with or without brackets
     * @param port the port, 1 to 65535
     * @return the server
     * @throws IllegalArgumentException if the host or the port is malformed
     */
    public static Server of(String host, int port) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        Names.host(bare);
        String id = (bare.indexOf(':') >= 0 ? "[" + bare + "]" : bare) + ":" + port;
        return new Server(id, bare, port, 1.0, "", 0, Map.of());
    }

    /**
     * Returns a copy with another id.
     *
     * @param newId the id, 1 to 256 visible ASCII characters other than {@code " , ; \}
     * @return the copy
     * @throws IllegalArgumentException if the id is malformed
     */
    public Server withId(String newId) {
        return new Server(newId, host, port, weight, zone, tier, tags);
    }

    /**
     * Returns a copy with another weight.
     *
     * @param newWeight the weight, finite and at least 0
     * @return the copy
     * @throws IllegalArgumentException if the weight is negative, infinite or not a number
     */
    public Server withWeight(double newWeight) {
        return new Server(id, host, port, newWeight, zone, tier, tags);
    }

    /**
     * Returns a copy in another zone.
     *
     * @param newZone the zone, of the characters that an id may have; empty means unknown
     * @return the copy
     * @throws IllegalArgumentException if the zone is malformed
     */
    public Server withZone(String newZone) {
        return new Server(id, host, port, weight, newZone, tier, tags);
    }

    /**
     * Returns a copy in another failover tier.
     *
     * @param newTier the tier, at least 0
     * @return the copy
     * @throws IllegalArgumentException if the tier is negative
     */
    public Server withTier(int newTier) {
        return new Server(id, host, port, weight, zone, newTier, tags);
    }

    /**
     * Returns a copy with one more tag, or with another value for a tag it had.
     *
     * @param key the tag's name, 1 to 256 visible ASCII characters
     * @param value the tag's value, 1 to 256 visible ASCII characters
     * @return the copy
     * @throws IllegalArgumentException if the name or the value is malformed
     */
    public Server withTag(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(tags);
        more.put(key, value);
        return new Server(id, host, port, weight, zone, tier, more);
    }
}
