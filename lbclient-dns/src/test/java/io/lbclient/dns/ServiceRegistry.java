package io.lbclient.dns;

import io.lbclient.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.xbill.DNS.Type;

/** SRV records, and the addresses of their targets. */
final class ServiceRegistry extends LocalRegistry {
    static final String SERVICE = "_http._tcp.orders.test";

    ServiceRegistry(Duration timeout) throws IOException {
        super(DnsDiscovery.services(SERVICE + "."), timeout);
        dns.put(SERVICE, Type.SRV, 1);
    }

    @Override
    public void put(List<Server> servers) {
        servers.forEach(server -> dns.put(target(server), Type.A, 1, server.host()));
        dns.put(
                SERVICE,
                Type.SRV,
                1,
                servers.stream().map(ServiceRegistry::record).toArray(String[]::new));
    }

    /** What a record says of a server, whose address is its target's. */
    static String record(Server server) {
        return "%d %d %d %s".formatted(server.tier(), (int) server.weight(), server.port(), target(server));
    }

    static String target(Server server) {
        return "at-" + server.host().replace('.', '-') + ".orders.test.";
    }

    @Override
    public boolean says(Fact fact) {
        return fact != Fact.ZONE;
    }
}
