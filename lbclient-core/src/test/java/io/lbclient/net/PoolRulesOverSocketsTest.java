package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.HealthState;
import io.lbclient.ServerPool;
import io.lbclient.ZoneAffinity;
import io.lbclient.balancer.Balancers;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tiers, zones and the families of addresses, as a connect sees them. */
@Timeout(120)
class PoolRulesOverSocketsTest extends Opened {
    private EchoServer one;
    private EchoServer two;

    @BeforeEach
    void start() throws IOException {
        one = echo();
        two = echo();
    }

    private static List<Integer> ports(BalancedSocketFactory factory, int connects) throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < connects; i++) {
            try (Socket socket = factory.createSocket("orders-db", 5432)) {
                assertThat(Lab.echo(socket, "hello")).isEqualTo("hello");
                ports.add(socket.getPort());
            }
        }
        return ports;
    }

    @Test
    void aReplicaOfTheSecondTierIsUsedOnlyWhenThePrimaryIsGone() throws IOException {
        try (ServerPool pool = Lab.builder(
                                one.server().withTier(0), two.server().withTier(1))
                        .balancer(Balancers.leastRequests())
                        .build();
                BalancedSocketFactory factory = patient(pool).build()) {
            assertThat(ports(factory, 10)).containsOnly(one.port());

            one.kill();
            Lab.await("the primary is out", () -> {
                try {
                    return ports(factory, 1).contains(two.port())
                            && pool.snapshot().servers().get(0).state() == HealthState.EJECTED;
                } catch (IOException e) {
                    // The tier's only server is gone, and the pool is about to notice.
                    return false;
                }
            });
            assertThat(ports(factory, 5)).contains(two.port());
        }
    }

    @Test
    void connectionsStayInTheirOwnZone() throws IOException {
        try (ServerPool pool = Lab.builder(
                                one.server().withZone("a"), two.server().withZone("b"))
                        .balancer(Balancers.leastRequests())
                        .zoneAffinity(ZoneAffinity.preferring("b").withMinServers(1))
                        .build();
                BalancedSocketFactory factory = patient(pool).build()) {
            assertThat(ports(factory, 10)).containsOnly(two.port());
        }
    }

    @Test
    void theAddressesOfANameTakeTurnsByFamilyBeginningWithTheResolversFirst() throws IOException {
        InetAddress[] resolved = {
            InetAddress.getByName("2001:db8::1"),
            InetAddress.getByName("2001:db8::2"),
            InetAddress.getByName("2001:db8::3"),
            InetAddress.getByName("192.0.2.1"),
            InetAddress.getByName("192.0.2.2"),
        };

        assertThat(Dialer.inTurns(resolved, 5432))
                .extracting(InetSocketAddress::getAddress)
                .extracting(InetAddress::getHostAddress)
                .containsExactly("2001:db8:0:0:0:0:0:1", "192.0.2.1", "2001:db8:0:0:0:0:0:2", "192.0.2.2");
        assertThat(resolved[0]).isInstanceOf(Inet6Address.class);
        assertThat(resolved[3]).isInstanceOf(Inet4Address.class);
        assertThat(Dialer.inTurns(new InetAddress[] {resolved[3]}, 1)).hasSize(1);
    }
}
