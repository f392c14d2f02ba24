package io.lbclient.dns;

import io.lbclient.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.xbill.DNS.Type;

/** A records, which have nothing but addresses. */
final class AddressRegistry extends LocalRegistry {
    static final String NAME = "orders.test";

    AddressRegistry() throws IOException {
        super(DnsDiscovery.addresses(NAME + ".", 8080), Duration.ofSeconds(5));
        dns.put(NAME, Type.A, 1);
    }

    @Override
    public void put(List<Server> servers) {
        dns.put(NAME, Type.A, 1, servers.stream().map(Server::host).toArray(String[]::new));
    }

    @Override
    public boolean says(Fact fact) {
        return false;
    }
}
