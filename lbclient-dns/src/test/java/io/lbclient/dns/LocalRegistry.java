package io.lbclient.dns;

import io.lbclient.discovery.GuardedDiscovery;
import io.lbclient.dns.test.LocalDns;
import io.lbclient.test.contract.Registry;
import java.io.IOException;
import java.time.Duration;

/** Records in a DNS server in this process, looked up as often as the source may. */
abstract class LocalRegistry implements Registry {
    final LocalDns dns = new LocalDns();
    private final GuardedDiscovery source;

    /** The timeout is also how long it takes to notice that no answer comes. */
    LocalRegistry(DnsDiscoveryBuilder source, Duration timeout) throws IOException {
        this.source = source.resolvers(dns.address())
                .timeout(timeout, 1)
                .interval(Duration.ofMillis(50), Duration.ofMillis(100))
                .build();
    }

    @Override
    public GuardedDiscovery source() {
        return source;
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
    public void close() throws IOException {
        dns.close();
    }
}
