package io.lbclient.dns;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.dns.test.LocalDns;
import io.lbclient.test.contract.Registry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.xbill.DNS.Type;

/** SRV records, and the addresses of their targets, in a DNS server in this process. */
final class ServiceRegistry implements Registry {
    static final String SERVICE = "_http._tcp.orders.test";

    final LocalDns dns = new LocalDns();
    private final ServerDiscovery source = DnsDiscovery.services(SERVICE + ".")
            .resolvers(dns.address())
            .timeout(Duration.ofMillis(300), 1)
            .interval(Duration.ofMillis(50), Duration.ofMillis(100))
            .build();

    ServiceRegistry() throws IOException {
        dns.put(SERVICE, Type.SRV, 1);
    }

    @Override
    public ServerDiscovery source() {
        return source;
    }

    @Override
    public void put(List<Server> servers) {
        servers.forEach(server -> dns.put(target(server), Type.A, 1, server.host()));
        dns.put(
                SERVICE,
                Type.SRV,
                1,
                servers.stream()
                        .map(server -> "%d %d %d %s"
                                .formatted(server.tier(), (int) server.weight(), server.port(), target(server)))
                        .toArray(String[]::new));
    }

    private static String target(Server server) {
        return "at-" + server.host().replace('.', '-') + ".orders.test.";
    }

    @Override
    public void stop() {
        dns.stop();
    }

    @Override
    public void start() throws IOException {
        dns.start();
    }

    @Override
    public boolean says(Fact fact) {
        return fact != Fact.ZONE;
    }

    @Override
    public void close() throws IOException {
        dns.close();
    }
}
