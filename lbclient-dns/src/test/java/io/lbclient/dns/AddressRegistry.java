package io.lbclient.dns;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.dns.test.LocalDns;
import io.lbclient.test.contract.Registry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.xbill.DNS.Type;

/** A records in a DNS server in this process. */
final class AddressRegistry implements Registry {
    static final String NAME = "orders.test";

    final LocalDns dns = new LocalDns();
    private final ServerDiscovery source = DnsDiscovery.addresses(NAME + ".", 8080)
            .resolvers(dns.address())
            .timeout(Duration.ofMillis(300), 1)
            .interval(Duration.ofMillis(50), Duration.ofMillis(100))
            .build();

    AddressRegistry() throws IOException {
        dns.put(NAME, Type.A, 1);
    }

    @Override
    public ServerDiscovery source() {
        return source;
    }

    @Override
    public void put(List<Server> servers) {
        dns.put(NAME, Type.A, 1, servers.stream().map(Server::host).toArray(String[]::new));
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
        return false;
    }

    @Override
    public void close() throws IOException {
        dns.close();
    }
}
