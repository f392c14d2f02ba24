package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.EquivalentAddressGroup;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the resolvers of channels bring into a pool. */
class ContributionTest {
    private final ServerPool pool = ServerPool.builder("orders").build();

    @AfterEach
    void close() {
        pool.close();
    }

    private static EquivalentAddressGroup address(int number) {
        return new EquivalentAddressGroup(InetSocketAddress.createUnresolved("10.0.0." + number, 80));
    }

    private static void bring(Contribution contribution, int... numbers) {
        for (int number : numbers) {
            assertThat(contribution.serverOf(address(number))).isNotNull();
        }
        contribution.publish();
    }

    private void assertServers(String... ids) {
        assertThat(pool.snapshot().servers())
                .extracting(known -> known.server().id())
                .containsExactlyInAnyOrder(ids);
    }

    @Test
    void whatTwoHaveBroughtStaysUntilTheSecondHasDroppedIt() {
        Contribution one = new Contribution(pool);
        Contribution other = new Contribution(pool);
        bring(one, 1, 2);
        bring(other, 2, 3);
        assertServers("10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80");
        bring(one, 1);
        assertServers("10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80");
        other.close();
        assertServers("10.0.0.1:80");
        one.close();
        assertServers();
    }

    @Test
    void aServerThatThePoolHasKeepsItsSettings() {
        pool.add(Server.of("10.0.0.1", 80).withWeight(3));
        bring(new Contribution(pool), 1);
        assertThat(pool.snapshot().servers())
                .singleElement()
                .satisfies(known -> assertThat(known.server().weight()).isEqualTo(3));
    }

    @Test
    void anAddressOfALinkLosesItsScopeAndOneWithoutAPortIsNone() throws Exception {
        InetAddress local =
                Inet6Address.getByAddress("", new byte[] {-2, -128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 1);
        Contribution contribution = new Contribution(pool);
        assertThat(contribution.serverOf(new EquivalentAddressGroup(new InetSocketAddress(local, 80))))
                .isEqualTo(Server.of("fe80:0:0:0:0:0:0:1", 80));
        assertThat(contribution.serverOf(new EquivalentAddressGroup(new InetSocketAddress(local, 0))))
                .isNull();
    }
}
