package io.lbclient.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressFilterTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "169.254.1.1",
                "fe80::1",
                "fe80::1%eth0",
                "FE80:0:0:0:0:0:0:1",
                "::ffff:169.254.169.254",
                "::169.254.169.254",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b::169.254.169.254",
                "100.100.100.200",
                "192.0.0.192",
                "fd00:ec2::254",
                "0.0.0.0",
                "0.1.2.3",
                "::",
                "0:0:0:0:0:0:0:0",
                "::ffff:0.0.0.0",
                "224.0.0.1",
                "239.255.255.255",
                "ff02::1",
                "ff00::",
                "240.0.0.1",
                "255.255.255.255",
                "metadata.google.internal",
                "Metadata.Google.Internal.",
                "metadata",
                "::e000:1"
            })
    void addressesThatAreNobodysServiceAreRefused(String host) {
        assertThat(AddressFilter.standard().refusal(Server.of(host, 80))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1",
                "127.0.0.1",
                "::1",
                "192.168.1.1",
                "172.16.0.1",
                "8.8.8.8",
                "fd00::1",
                "2001:db8::1",
                "orders",
                "metadata.example.org",
                "100.100.100.201",
                "64:ff9b::808:808",
                "::ffff:10.0.0.1",
                "1.2.3.4.example"
            })
    void ordinaryAddressesAreAccepted(String host) {
        assertThat(AddressFilter.standard().refusal(Server.of(host, 80))).isNull();
    }

    @Test
    void thePortOfSshIsRefused() {
        assertThat(AddressFilter.standard().refusal(Server.of("10.0.0.1", 22))).contains("22");
    }

    @Test
    void usersChangeTheFilter() {
        Server local = Server.of("169.254.7.7", 80);
        AddressFilter wider = AddressFilter.standard().except(s -> s.host().startsWith("169.254.7."));
        AddressFilter narrower = wider.and(s -> s.port() == 443 ? null : "not TLS");

        assertThat(wider.refusal(local)).isNull();
        assertThat(wider.refusal(Server.of("169.254.169.254", 80))).isNotNull();
        assertThat(narrower.refusal(local)).isEqualTo("not TLS");
        assertThat(narrower.refusal(Server.of("169.254.7.7", 443))).isNull();
        assertThat(narrower.refusal(Server.of("169.254.8.7", 443))).contains("link-local");
        assertThat(AddressFilter.none().refusal(Server.of("0.0.0.0", 22))).isNull();
    }
}
