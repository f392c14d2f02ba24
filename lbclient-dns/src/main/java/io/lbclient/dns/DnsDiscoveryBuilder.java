package io.lbclient.dns;

import io.lbclient.Server;
import io.lbclient.discovery.GuardRails;
import io.lbclient.discovery.GuardedDiscovery;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/** Collects the settings of a DNS source; not safe for use by several threads. Each method returns this builder. */
public final class DnsDiscoveryBuilder {
    static final int PORTS_OF_RECORDS = 0;

    final Name name;
    final int port;
    boolean ipv4 = true;
    boolean ipv6 = true;
    Duration timeout = Duration.ofSeconds(2);
    int rounds = 2;
    Duration minInterval = Duration.ofSeconds(1);
    Duration maxInterval = Duration.ofMinutes(5);
    int maxServers = 1_000;
    UnaryOperator<Server> placement = UnaryOperator.identity();
    GuardRails guardRails = GuardRails.standard();

    @Nullable List<InetSocketAddress> resolvers;

    @Nullable List<Name> searchDomains;

    DnsDiscoveryBuilder(Name name, int port) {
        this.name = name;
        this.port = port;
    }

    /**
     * Sets who is asked: the first one until it does not answer, fails or refuses, then the next one. Default: the
     * system's resolvers.
     *
     * @param addresses at least one
     * @return this builder
     * @throws IllegalArgumentException if there is none
     */
    public DnsDiscoveryBuilder resolvers(InetSocketAddress... addresses) {
        if (addresses.length == 0) {
            throw Checks.rejected("resolvers", 0, ">= 1");
        }
        resolvers = List.of(addresses);
        return this;
    }

    /**
     * Sets the domains that are appended to a name that does not end with a dot: before it is tried as it is, if there is
     * no dot in it at all, else afterwards. Default: the system's.
     *
     * @param domains the domains, in the order in which they are tried; none is fine
     * @return this builder
     * @throws IllegalArgumentException if one is malformed
     */
    public DnsDiscoveryBuilder searchDomains(String... domains) {
        searchDomains = Arrays.stream(domains)
                .map(domain -> Checks.name("searchDomains", domain.endsWith(".") ? domain : domain + "."))
                .toList();
        return this;
    }

    /**
     * Sets which kinds of addresses are looked up. Default: both.
     *
     * @param v4 whether A records are
     * @param v6 whether AAAA records are
     * @return this builder
     * @throws IllegalArgumentException if neither
     */
    public DnsDiscoveryBuilder addressFamilies(boolean v4, boolean v6) {
        if (!v4 && !v6) {
            throw Checks.rejected("addressFamilies", "neither", "at least one");
        }
        ipv4 = v4;
        ipv6 = v6;
        return this;
    }

    /**
     * Sets how long one resolver has to answer one question, and how often each is asked. Default: 2 s, twice.
     *
     * @param each greater than zero
     * @param times 1 to 10
     * @return this builder
     * @throws IllegalArgumentException if one is outside
     */
    public DnsDiscoveryBuilder timeout(Duration each, int times) {
        timeout = Checks.positive("timeout", each);
        rounds = Checks.between("times", times, 1, 10);
        return this;
    }

    /**
     * Sets how soon at least, and how late at most, the records are looked up again, whatever their TTL, and whatever hints
     * there are. Up to a tenth is added at random, so that not all clients ask at once. Default: 1 s and 5 min.
     *
     * @param least greater than zero
     * @param most at least {@code least}
     * @return this builder
     * @throws IllegalArgumentException if one is outside
     */
    public DnsDiscoveryBuilder interval(Duration least, Duration most) {
        Checks.positive("least", least);
        Checks.positive("most", most);
        if (most.compareTo(least) < 0) {
            throw Checks.rejected("most", most, ">= " + least);
        }
        minInterval = least;
        maxInterval = most;
        return this;
    }

    /**
     * Sets how many servers are used at most; of more, the same ones are used each time. Default: 1000.
     *
     * @param most at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is less
     */
    public DnsDiscoveryBuilder maxServers(int most) {
        maxServers = Checks.between("maxServers", most, 1, Integer.MAX_VALUE);
        return this;
    }

    /**
     * Sets what is done to each server that is found, such as to put those of one name into a zone or a tier, or to give
     * them a weight: so several names, combined with {@code Discoveries.merged}, make weighted, failover and
     * latency-preferring groups. Default: nothing.
     *
     * @param change asked for each server whenever something was looked up; must not block. A server for which it throws
     *     is left out
     * @return this builder
     */
    public DnsDiscoveryBuilder placed(UnaryOperator<Server> change) {
        placement = change;
        return this;
    }

    /**
     * Sets the guard rails. Default: {@link GuardRails#standard()}.
     *
     * @param rails the settings
     * @return this builder
     */
    public DnsDiscoveryBuilder guardRails(GuardRails rails) {
        guardRails = rails;
        return this;
    }

    /**
     * Builds the source.
     *
     * @return the source; nothing is looked up before a pool subscribes to it
     */
    public GuardedDiscovery build() {
        return guardRails.around(new DnsSource(this));
    }
}
