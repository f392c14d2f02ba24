package io.lbclient.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.Outcome;
import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.ServerPool;
import io.lbclient.discovery.Discoveries;
import io.lbclient.dns.test.LocalDns;
import io.lbclient.dns.test.LocalDns.Fault;
import io.lbclient.test.contract.Watched;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/** What each kind of record becomes, and who is asked for it. */
class DnsRecordsTest {
    /** Where an answer comes: it may take as long as a busy machine needs. */
    private static final Duration PATIENT = Duration.ofSeconds(20);

    private final LocalDns dns;
    private final LocalDns other;

    DnsRecordsTest() throws IOException {
        dns = new LocalDns();
        other = new LocalDns();
    }

    @AfterEach
    void close() throws IOException {
        dns.close();
        other.close();
    }

    private DnsDiscoveryBuilder quick(DnsDiscoveryBuilder source, InetSocketAddress... resolvers) {
        return source.resolvers(resolvers).searchDomains().timeout(PATIENT, 1);
    }

    private static List<Server> found(ServerDiscovery source) {
        try (ServerPool pool = ServerPool.builder("orders")
                .discovery(source)
                .startUpWait(Duration.ofSeconds(60))
                .build()) {
            return pool.snapshot().servers().stream()
                    .map(s -> s.server())
                    .sorted(Comparator.comparing(Server::id))
                    .toList();
        }
    }

    private List<String> ids(DnsDiscoveryBuilder source) {
        return found(quick(source, dns.address()).build()).stream()
                .map(Server::id)
                .toList();
    }

    @Test
    void addressesOfBothFamiliesAreServers() {
        dns.put("orders.test", Type.A, 30, "127.0.0.2", "127.0.0.1");
        dns.put("orders.test", Type.AAAA, 30, "::1", "2001:db8::7");

        assertThat(ids(DnsDiscovery.addresses("orders.test", 81)))
                .containsExactly("127.0.0.1:81", "127.0.0.2:81", "[0:0:0:0:0:0:0:1]:81", "[2001:db8:0:0:0:0:0:7]:81");
        assertThat(ids(DnsDiscovery.addresses("orders.test", 81).addressFamilies(true, false)))
                .containsExactly("127.0.0.1:81", "127.0.0.2:81");
    }

    @Test
    void aliasesAreFollowedAndRecordsOfOtherNamesAreNot() {
        dns.put("orders.test", Type.CNAME, 30, "blue.orders.test.");
        dns.put("blue.orders.test", Type.CNAME, 30, "rack.test.");
        dns.put("rack.test", Type.A, 30, "127.0.0.9");

        assertThat(ids(DnsDiscovery.addresses("orders.test", 81))).containsExactly("127.0.0.9:81");
    }

    @Test
    void eightAliasesInARowAreFollowedAndNineAreRefused() {
        for (int hop = 1; hop <= 9; hop++) {
            dns.put("a" + hop + ".test", Type.CNAME, 30, "a" + (hop - 1) + ".test.");
        }
        dns.put("a0.test", Type.A, 30, "127.0.0.9");
        Addresses addresses = new Addresses(new Asker(List.of(dns.address()), PATIENT, 1), true, false);

        assertThat(ids(DnsDiscovery.addresses("a8.test", 81))).containsExactly("127.0.0.9:81");
        assertThat(addresses.of(Name.fromConstantString("a9.test.")).join().failure())
                .hasMessageEndingWith(": more than 8 aliases");
    }

    @Test
    void priorityIsTheTierAndWeightTheWeightSharedByTheAddressesOfATarget() {
        dns.put("_http._tcp.orders.test", Type.SRV, 30, "10 60 81 a.test.", "10 0 82 b.test.", "20 5 83 b.test.");
        dns.put("a.test", Type.A, 30, "127.0.0.1", "127.0.0.2");
        dns.put("b.test", Type.A, 30, "127.0.0.3");

        List<Server> servers = found(quick(DnsDiscovery.services("_http._tcp.orders.test"), dns.address())
                .build());
        assertThat(servers)
                .containsExactly(
                        Server.of("127.0.0.1", 81).withTier(10).withWeight(30),
                        Server.of("127.0.0.2", 81).withTier(10).withWeight(30),
                        Server.of("127.0.0.3", 82).withTier(10).withWeight(0.01),
                        Server.of("127.0.0.3", 83).withTier(20).withWeight(5));
    }

    @Test
    void ofTooManyServersTheSameOnesAreUsed() {
        dns.put("orders.test", Type.A, 30, "127.0.0.3", "127.0.0.1", "127.0.0.2");
        assertThat(ids(DnsDiscovery.addresses("orders.test", 81).maxServers(2)))
                .containsExactly("127.0.0.1:81", "127.0.0.2:81");
    }

    @Test
    void searchDomainsAreTriedInOrderAndANameWithADotIsTriedAsItIsFirst() {
        dns.put("orders.b.test", Type.A, 30, "127.0.0.2");
        dns.put("orders.c.test", Type.A, 30, "127.0.0.3");
        dns.put("orders", Type.A, 30, "127.0.0.1");
        dns.put("x.y", Type.A, 30, "127.0.0.4");
        dns.put("x.y.b.test", Type.A, 30, "127.0.0.5");
        String[] domains = {"a.test", "b.test", "c.test."};

        assertThat(found(quick(DnsDiscovery.addresses("orders", 81), dns.address())
                        .searchDomains(domains)
                        .build()))
                .containsExactly(Server.of("127.0.0.2", 81));
        assertThat(found(quick(DnsDiscovery.addresses("x.y", 81), dns.address())
                        .searchDomains(domains)
                        .build()))
                .containsExactly(Server.of("127.0.0.4", 81));
    }

    @Test
    void theNextResolverIsAskedWhenOneIsDeadOrFails() {
        other.put("orders.test", Type.A, 30, "127.0.0.1");
        for (Fault fault : List.of(Fault.SERVFAIL, Fault.SILENT)) {
            dns.fault(fault);
            assertThat(found(quick(DnsDiscovery.addresses("orders.test", 81), dns.address(), other.address())
                            .timeout(Duration.ofSeconds(2), 1)
                            .build()))
                    .hasSize(1);
        }
        InetSocketAddress dead = dns.address();
        dns.stop();
        assertThat(found(quick(DnsDiscovery.addresses("orders.test", 81), dead, other.address())
                        .build()))
                .hasSize(1);
    }

    @Test
    void whoAnsweredLastIsAskedFirst() {
        Asker asker = new Asker(List.of(dns.address(), other.address()), PATIENT, 1);
        Name name = Name.fromConstantString("orders.test.");
        other.put("orders.test", Type.A, 30, "127.0.0.1");
        dns.fault(Fault.SERVFAIL);
        assertThat(asker.ask(name, Type.A).join().records()).hasSize(1);
        assertThat(asker.ask(name, Type.A).join().records()).hasSize(1);
        assertThat(dns.asked()).isEqualTo(1);
    }

    @Test
    void eachResolverIsAskedAsOftenAsItWasSet() {
        dns.fault(Fault.SERVFAIL);
        other.fault(Fault.SERVFAIL);
        Asker asker = new Asker(List.of(dns.address(), other.address()), PATIENT, 3);
        assertThat(asker.ask(Name.fromConstantString("orders.test."), Type.A)).failsWithin(PATIENT);
        assertThat(dns.asked()).isEqualTo(3);
        assertThat(other.asked()).isEqualTo(3);
    }

    @Test
    void namesArePlacedInZonesTiersAndWeights() throws InterruptedException {
        dns.put("near.test", Type.A, 30, "127.0.0.1");
        dns.put("far.test", Type.A, 30, "127.0.0.2");
        ServerDiscovery both = Discoveries.merged(
                quick(DnsDiscovery.addresses("near.test", 81), dns.address())
                        .placed(server -> server.withZone("near").withWeight(3))
                        .build(),
                quick(DnsDiscovery.addresses("far.test", 81), dns.address())
                        .placed(server -> server.withZone("far").withTier(1))
                        .build());
        try (Watched watched = new Watched(both)) {
            watched.await(servers -> servers.size() == 2);
            assertThat(watched.servers())
                    .containsExactly(
                            Server.of("127.0.0.1", 81).withZone("near").withWeight(3),
                            Server.of("127.0.0.2", 81).withZone("far").withTier(1));
        }
    }

    @Test
    void serversThatDoNotAnswerMakeItLookAgainBeforeTheTtlIsOver() throws InterruptedException {
        dns.put("orders.test", Type.A, 300, "127.0.0.1");
        CountDownLatch added = new CountDownLatch(2);
        try (ServerPool pool = ServerPool.builder("orders")
                .discovery(quick(DnsDiscovery.addresses("orders.test", 81), dns.address())
                        .interval(Duration.ofMillis(50), Duration.ofMinutes(5))
                        .build())
                .listener(new PoolListener() {
                    @Override
                    public void serverAdded(String name, Server server) {
                        added.countDown();
                    }
                })
                .build()) {
            dns.put("orders.test", Type.A, 300, "127.0.0.1", "127.0.0.2");
            pool.pick().complete(Outcome.CONNECT_FAILURE);
            assertThat(added.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static List<String> ids(Lookup lookup) throws Exception {
        return lookup.look().get(120, TimeUnit.SECONDS).servers().stream()
                .map(Server::id)
                .toList();
    }

    @Test
    @DisplayName("bug 28: a target that cannot be looked up keeps its addresses, as long as a record names it")
    void bug28ATargetIsRememberedAsLongAsARecordNamesIt() throws Exception {
        String service = "_http._tcp.orders.test";
        Lookup lookup = lookup(DnsDiscoveryBuilder.PORTS_OF_RECORDS, 100, service);
        dns.put("a.test", Type.A, 1, "127.0.0.1");
        dns.put("b.test", Type.A, 1, "127.0.0.2");
        dns.put(service, Type.SRV, 1, "1 1 80 a.test.", "1 1 80 b.test.");
        assertThat(ids(lookup)).containsExactly("127.0.0.1:80", "127.0.0.2:80");

        // An alias of itself, which fails for this name alone.
        dns.put("a.test", Type.A, 1);
        dns.put("a.test", Type.CNAME, 1, "a.test.");
        assertThat(ids(lookup)).containsExactly("127.0.0.1:80", "127.0.0.2:80");

        dns.put(service, Type.SRV, 1, "1 1 80 b.test.");
        assertThat(ids(lookup)).containsExactly("127.0.0.2:80");
        dns.put(service, Type.SRV, 1, "1 1 80 a.test.", "1 1 80 b.test.");
        assertThat(ids(lookup)).containsExactly("127.0.0.2:80");

        dns.put("b.test", Type.A, 1);
        dns.put("b.test", Type.CNAME, 1, "b.test.");
        assertThat(lookup.look())
                .as("what is remembered of all of them is no answer")
                .failsWithin(PATIENT)
                .withThrowableThat()
                .withMessageContaining("none of 2 targets has an address now");
    }

    private Lookup lookup(int port, int maxServers, String... names) {
        Asker asker = new Asker(List.of(dns.address()), PATIENT, 1);
        List<Name> candidates = Stream.of(names)
                .map(name -> Name.fromConstantString(name + "."))
                .toList();
        return new Lookup(
                candidates, asker, new Addresses(asker, true, false), new Placing(port, maxServers, server -> server));
    }

    @Test
    void whatIsFoundHoldsAsLongAsTheLeastOfWhatItIsMadeOf() throws Exception {
        dns.put("_http._tcp.orders.test", Type.SRV, 30, "1 1 80 a.test.");
        dns.put("a.test", Type.A, 5, "127.0.0.1");
        Lookup services = lookup(DnsDiscoveryBuilder.PORTS_OF_RECORDS, 100, "_http._tcp.orders.test");
        assertThat(services.look().get(120, TimeUnit.SECONDS).ttlSeconds()).isEqualTo(5);

        Asker asker = new Asker(List.of(dns.address()), PATIENT, 1);
        dns.put("alias.test", Type.CNAME, 7, "b.test.");
        dns.put("b.test", Type.A, 50, "127.0.0.2");
        dns.put("b.test", Type.AAAA, 9, "::1");
        assertThat(asker.ask(Name.fromConstantString("alias.test."), Type.A)
                        .join()
                        .ttlSeconds())
                .isEqualTo(7);
        assertThat(new Addresses(asker, true, true)
                        .of(Name.fromConstantString("b.test."))
                        .join()
                        .ttlSeconds())
                .isEqualTo(9);

        Lookup nothing = lookup(80, 100, "gone.a.test", "gone.b.test");
        assertThat(nothing.look().get(120, TimeUnit.SECONDS).ttlSeconds())
                .as("of a negative answer that does not say")
                .isEqualTo(30);
    }

    @Test
    void ofTooManyRecordsOnlyTheTargetsOfTheFirstAreLookedUp() throws Exception {
        dns.put("_http._tcp.orders.test", Type.SRV, 30, "1 1 80 c.test.", "1 1 80 b.test.", "1 1 80 a.test.");
        dns.put("a.test", Type.A, 30, "127.0.0.1");
        dns.put("b.test", Type.A, 30, "127.0.0.2");
        dns.put("c.test", Type.A, 30, "127.0.0.3");
        assertThat(ids(lookup(DnsDiscoveryBuilder.PORTS_OF_RECORDS, 2, "_http._tcp.orders.test")))
                .containsExactly("127.0.0.1:80", "127.0.0.2:80");
        assertThat(dns.asked()).isEqualTo(3);
    }

    @Test
    void theRootBesideOtherTargetsIsRefusedAlone() throws Exception {
        dns.put("_http._tcp.orders.test", Type.SRV, 30, "0 0 0 .", "1 1 80 a.test.");
        dns.put("a.test", Type.A, 30, "127.0.0.1");
        Found found = lookup(DnsDiscoveryBuilder.PORTS_OF_RECORDS, 2, "_http._tcp.orders.test")
                .look()
                .get(120, TimeUnit.SECONDS);
        assertThat(found.noService()).isFalse();
        assertThat(found.servers()).extracting(Server::id).containsExactly("127.0.0.1:80");
        assertThat(found.refusals())
                .extracting(Found.Refusal::reason)
                .containsExactly("the target . beside other targets");
    }

    /** Fuzzing found a failure within a failure within a failure here. */
    @Test
    void aFailureIsToldAsWhatItIs() {
        dns.fault(Fault.SERVFAIL);
        Asker asker = new Asker(List.of(dns.address()), PATIENT, 1);
        Addresses addresses = new Addresses(asker, true, true);
        assertThat(addresses.of(Name.fromConstantString("a.test.")).join().failure())
                .isExactlyInstanceOf(IOException.class)
                .hasMessageStartingWith("a.test. A: ")
                .hasMessageEndingWith(" answers SERVFAIL");
    }

    @Test
    void badSettingsAreRefusedWhereTheyAreGiven() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DnsDiscovery.addresses("a..b", 80))
                .withMessage("name: a..b (expected: a domain name)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DnsDiscovery.addresses("a", 0))
                .withMessage("port: 0 (expected: 1 to 65535)");
        DnsDiscoveryBuilder builder = DnsDiscovery.services("a");
        assertThatIllegalArgumentException().isThrownBy(builder::resolvers).withMessageStartingWith("resolvers: 0");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.addressFamilies(false, false));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.interval(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .withMessageStartingWith("most: PT1S");
    }
}
