package io.lbclient.dns;

import io.lbclient.ServerDiscovery;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.ResolverConfig;

/** A DNS source as a pool subscribes to it; copies its settings. */
final class DnsSource implements ServerDiscovery {
    private static final Logger LOG = LoggerFactory.getLogger(DnsDiscovery.class);

    private final Name name;
    private final Placing placing;
    private final boolean ipv4;
    private final boolean ipv6;
    private final Duration timeout;
    private final int rounds;
    private final Duration minInterval;
    private final Duration maxInterval;
    private final @Nullable List<InetSocketAddress> resolvers;
    private final @Nullable List<Name> searchDomains;

    DnsSource(DnsDiscoveryBuilder settings) {
        this.name = settings.name;
        this.placing = new Placing(settings.port, settings.maxServers, settings.placement);
        this.ipv4 = settings.ipv4;
        this.ipv6 = settings.ipv6;
        this.timeout = settings.timeout;
        this.rounds = settings.rounds;
        this.minInterval = settings.minInterval;
        this.maxInterval = settings.maxInterval;
        this.resolvers = settings.resolvers;
        this.searchDomains = settings.searchDomains;
    }

    @Override
    public Subscription subscribe(Sink sink) {
        if (resolvers == null || searchDomains == null) {
            // Read anew each time: the system's resolvers change when a laptop moves.
            ResolverConfig.refresh();
        }
        List<InetSocketAddress> asked =
                resolvers == null ? ResolverConfig.getCurrentConfig().servers() : resolvers;
        Asker asker = new Asker(asked, timeout, rounds);
        Addresses addresses = new Addresses(asker, ipv4, ipv6);
        Lookup lookup = new Lookup(candidates(), asker, addresses, placing);
        DnsWatch watch = new DnsWatch(lookup, minInterval, maxInterval, sink);
        watch.look();
        return watch;
    }

    /** The full names that the name may stand for, in the order in which they are tried. */
    private List<Name> candidates() {
        if (name.isAbsolute()) {
            return List.of(name);
        }
        List<Name> domains =
                searchDomains == null ? ResolverConfig.getCurrentConfig().searchPath() : searchDomains;
        List<Name> candidates = new ArrayList<>();
        domains.forEach(domain -> append(domain, candidates));
        Name itself = Checks.name("name", name + ".");
        candidates.add(name.labels() > 1 ? 0 : candidates.size(), itself);
        return candidates;
    }

    private void append(Name domain, List<Name> candidates) {
        try {
            candidates.add(Name.concatenate(name, domain));
        } catch (NameTooLongException e) {
            LOG.debug("{} in {} is no name: it has no records", name, domain, e);
        }
    }

    @Override
    public String toString() {
        return "DNS " + (placing.port() == DnsDiscoveryBuilder.PORTS_OF_RECORDS ? "services " : "addresses ") + name;
    }
}
