package io.lbclient.dns;

/**
 * Servers from DNS: looked up without blocking anybody, and again when the TTLs of the answers run out.
 *
 * <pre>{@code
 * ServerPool orders = ServerPool.builder("orders")
 *     .discovery(DnsDiscovery.services("_http._tcp.orders.example").build())
 *     .build();
 * }</pre>
 *
 * <p>Every source has guard rails: while resolvers fail, and for an hour of answers that there is no such name or that it
 * has no records, the last servers stay.
 */
public final class DnsDiscovery {
    private DnsDiscovery() {}

    /**
     * Begins a source that finds the addresses of a name, from its A and AAAA records; all have one port, weight 1 and
     * tier 0.
     *
     * @param name the name; the search domains are tried unless it ends with a dot
     * @param port the port of each server, 1 to 65535
     * @return a builder with the defaults
     * @throws IllegalArgumentException if the name is malformed or the port outside
     */
    public static DnsDiscoveryBuilder addresses(String name, int port) {
        return new DnsDiscoveryBuilder(Checks.name("name", name), Checks.between("port", port, 1, 65_535));
    }

    /**
     * Begins a source that finds the servers of a service, from SRV records (RFC 2782) and the addresses of their
     * targets. The priority is the tier. The weight is the weight, shared by the addresses of one target; weight 0, which
     * stands for a very small chance, is 0.01. A single record with the target
     * {@code .} says expressly that there is no such service, and is believed at once.
     *
     * @param name the name, such as {@code _http._tcp.orders.example}; the search domains are tried unless it ends with a
     *     dot
     * @return a builder with the defaults
     * @throws IllegalArgumentException if the name is malformed
     */
    public static DnsDiscoveryBuilder services(String name) {
        return new DnsDiscoveryBuilder(Checks.name("name", name), DnsDiscoveryBuilder.PORTS_OF_RECORDS);
    }
}
