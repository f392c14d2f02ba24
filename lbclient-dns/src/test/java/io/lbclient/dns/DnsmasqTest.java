package io.lbclient.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Server;
import io.lbclient.test.contract.FreePort;
import io.lbclient.test.contract.Watched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What dnsmasq answers becomes servers, and changes with its files. */
class DnsmasqTest {
    @TempDir
    private Path folder;

    private Daemon dnsmasq;

    @BeforeEach
    void start() throws IOException {
        String program = Daemon.program("dnsmasq");
        int port = FreePort.find();
        hosts("127.0.0.11 orders.test", "127.0.0.12 orders.test", "::1 orders.test", "127.0.0.13 third.test");
        Path config = Files.writeString(folder.resolve("conf"), """
                no-daemon
                no-resolv
                no-hosts
                port=%d
                listen-address=127.0.0.1
                bind-interfaces
                pid-file=
                user=root
                local-ttl=1
                addn-hosts=%s
                srv-host=_http._tcp.orders.test,orders.test,8081,10,60
                srv-host=_http._tcp.orders.test,third.test,8082,20,5
                """.formatted(port, folder.resolve("hosts")));
        dnsmasq = Daemon.start(folder.resolve("log"), port, "orders.test.", program, "-C", config.toString());
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (dnsmasq != null) {
            dnsmasq.close();
        }
    }

    private void hosts(String... lines) throws IOException {
        Files.writeString(folder.resolve("hosts"), String.join("\n", lines) + "\n");
    }

    private Watched watched(DnsDiscoveryBuilder builder) {
        return new Watched(builder.resolvers(dnsmasq.address())
                .searchDomains()
                .interval(Duration.ofMillis(50), Duration.ofSeconds(1))
                .build());
    }

    @Test
    void addressesOfBothFamiliesAreFoundAndChangesFollowTheTtl() throws Exception {
        try (Watched watched = watched(DnsDiscovery.addresses("orders.test", 81))) {
            watched.await(servers -> servers.size() == 3);
            assertThat(watched.addresses()).containsExactly("0:0:0:0:0:0:0:1:81", "127.0.0.11:81", "127.0.0.12:81");

            hosts("127.0.0.11 orders.test", "127.0.0.14 orders.test", "::1 orders.test");
            dnsmasq.reload();
            Duration took = watched.await(
                    servers -> servers.stream().anyMatch(server -> server.host().equals("127.0.0.14")));
            assertThat(watched.addresses()).containsExactly("0:0:0:0:0:0:0:1:81", "127.0.0.11:81", "127.0.0.14:81");
            assertThat(watched.failed()).isZero();
            System.out.printf("dnsmasq, TTL 1 s: a change reached the picks after %d ms%n", took.toMillis());
        }
    }

    @Test
    void servicesHaveTheirPrioritiesAndWeights() throws Exception {
        try (Watched watched =
                watched(DnsDiscovery.services("_http._tcp.orders.test").addressFamilies(true, false))) {
            watched.await(servers -> servers.size() == 3);
            assertThat(watched.servers())
                    .containsExactly(
                            Server.of("127.0.0.11", 8081).withTier(10).withWeight(30),
                            Server.of("127.0.0.12", 8081).withTier(10).withWeight(30),
                            Server.of("127.0.0.13", 8082).withTier(20).withWeight(5));
        }
    }

    /** Longer with -Dlbclient.outage=30. */
    @Test
    void killedUnderTrafficAndStartedAgainItCostsNoPickAndUpdatesFlowAgain() throws Exception {
        try (Watched watched = watched(DnsDiscovery.addresses("orders.test", 81).addressFamilies(true, false))) {
            watched.await(servers -> servers.size() == 2);
            dnsmasq.kill();
            assertThat(watched.failedInOutage()).isZero();
            assertThat(watched.addresses()).containsExactly("127.0.0.11:81", "127.0.0.12:81");

            hosts("127.0.0.11 orders.test", "127.0.0.12 orders.test", "127.0.0.15 orders.test");
            dnsmasq.start("orders.test.");
            Duration took = watched.await(servers -> servers.size() == 3);
            assertThat(watched.failed()).isZero();
            System.out.printf(
                    "dnsmasq, killed with SIGKILL and started again: %d picks, 0 failed; the next update reached the"
                            + " picks after %d ms%n",
                    watched.picks(), took.toMillis());
        }
    }
}
