package io.lbclient.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Server;
import io.lbclient.dns.test.LocalDns;
import io.lbclient.dns.test.LocalDns.Fault;
import io.lbclient.test.contract.Watched;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xbill.DNS.Type;

/** What goes wrong with DNS, and that the traffic does not notice. */
class DnsFaultsTest {
    private final ServiceRegistry services;
    private final AddressRegistry addresses;

    DnsFaultsTest() throws IOException {
        services = new ServiceRegistry(Duration.ofMillis(300));
        addresses = new AddressRegistry();
    }

    @AfterEach
    void close() throws IOException {
        services.close();
        addresses.close();
    }

    private static Server server(int number) {
        return Server.of("127.0.0." + number, 8080);
    }

    private static List<Server> servers(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(DnsFaultsTest::server).toList();
    }

    private static long failures(LocalRegistry registry) {
        return registry.source().status().get(0).failures();
    }

    /** Until the source has noticed, which the number of questions shows, and some more. */
    private static void awaitQuestions(Watched watched, LocalDns dns) {
        int before = dns.asked();
        while (dns.asked() < before + 8) {
            watched.failedAfter(10);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"SERVFAIL", "NXDOMAIN", "EMPTY", "SILENT", "TRUNCATED"})
    @DisplayName("I8, bugs 30 and 31: traffic does not notice what DNS answers, and updates flow again afterwards")
    void incidentI8Bug30Bug31TrafficDoesNotNoticeAFault(Fault fault) throws Exception {
        services.put(servers(3));
        try (Watched watched = new Watched(services.source())) {
            watched.await(list -> list.size() == 3);
            services.dns.fault(fault);
            awaitQuestions(watched, services.dns);
            assertThat(watched.addresses()).containsExactly("127.0.0.1:8080", "127.0.0.2:8080", "127.0.0.3:8080");

            services.dns.fault(Fault.NONE);
            services.put(servers(4));
            watched.await(list -> list.size() == 4);
            assertThat(watched.failed()).isZero();
        }
    }

    @Test
    void trafficDoesNotNoticeThatTheServerIsStopped() throws Exception {
        addresses.put(servers(2));
        try (Watched watched = new Watched(addresses.source())) {
            watched.await(list -> list.size() == 2);
            addresses.stop();
            while (failures(addresses) < 2) {
                watched.failedAfter(10);
            }
            assertThat(watched.addresses()).hasSize(2);
            addresses.start();
            addresses.put(servers(3));
            watched.await(list -> list.size() == 3);
            assertThat(watched.failed()).isZero();
        }
    }

    @Test
    void aThousandRecordsComeOverTcpAndAreAllUsed() throws Exception {
        List<Server> many = IntStream.range(0, 1_000)
                .mapToObj(i -> Server.of("127.1." + i / 250 + "." + (1 + i % 250), 8080))
                .toList();
        addresses.put(servers(2));
        try (Watched watched = new Watched(addresses.source())) {
            watched.await(list -> list.size() == 2);
            addresses.put(many);
            watched.await(list -> list.size() == 1_000);
            assertThat(addresses.dns.askedOverTcp()).isPositive();
            addresses.put(many.subList(0, 999));
            watched.await(list -> list.size() == 999);
            assertThat(watched.failed()).isZero();
        }
    }

    @Test
    void aTtlOfZeroIsNotAskedForMoreOftenThanTheLeastInterval() throws Exception {
        addresses.dns.put(AddressRegistry.NAME, Type.A, 0, "127.0.0.1", "127.0.0.2");
        try (Watched watched = new Watched(addresses.source())) {
            watched.await(list -> list.size() == 2);
            long begun = System.nanoTime();
            int before = addresses.dns.asked();
            awaitQuestions(watched, addresses.dns);
            int asked = addresses.dns.asked() - before;
            long looks = (System.nanoTime() - begun) / 50_000_000 + 2;
            // Each look asks for A and for AAAA.
            assertThat(asked).isLessThanOrEqualTo((int) (2 * looks));
            assertThat(watched.failed()).isZero();
        }
    }

    @Test
    void aTruncatedAnswerIsAskedForOverTcp() throws Exception {
        services.dns.fault(Fault.TRUNCATED);
        services.put(servers(3));
        try (Watched watched = new Watched(services.source())) {
            watched.await(list -> list.size() == 3);
            assertThat(services.dns.askedOverTcp()).isPositive();
        }
    }

    @Test
    @DisplayName("bug 29: the target . says that there is no such service, and is believed at once")
    void bug29TheRootAsATargetMeansNoService() throws Exception {
        services.put(servers(2));
        try (Watched watched = new Watched(services.source())) {
            watched.await(list -> list.size() == 2);
            services.dns.put(ServiceRegistry.SERVICE, Type.SRV, 1, "0 0 0 .");
            watched.await(List::isEmpty);
        }
    }

    @Test
    @DisplayName("bug 29: a service whose targets have no addresses is not an empty service")
    void bug29TargetsWithoutAddressesAreNoEmptyAnswer() throws Exception {
        services.put(servers(2));
        try (Watched watched = new Watched(services.source())) {
            watched.await(list -> list.size() == 2);
            services.dns.put(ServiceRegistry.SERVICE, Type.SRV, 1, "0 1 8080 gone-1.test.", "0 1 8080 gone-2.test.");
            while (failures(services) < 2) {
                watched.failedAfter(10);
            }
            assertThat(watched.addresses()).hasSize(2);
            assertThat(watched.failed()).isZero();
        }
    }

    @Test
    @DisplayName("bug 31: a target that cannot be resolved leaves the others their addresses and ports")
    void bug31ATargetThatCannotBeResolvedCostsNoOther() throws Exception {
        services.dns.put("one.test", Type.A, 1, "127.0.0.1");
        services.dns.put(ServiceRegistry.SERVICE, Type.SRV, 1, "0 1 8081 one.test.", "0 1 8082 gone.test.");
        try (Watched watched = new Watched(services.source())) {
            assertThat(watched.addresses()).containsExactly("127.0.0.1:8081");
            services.dns.put("gone.test", Type.A, 1, "127.0.0.2");
            watched.await(list -> list.size() == 2);
            assertThat(watched.addresses()).containsExactly("127.0.0.1:8081", "127.0.0.2:8082");
        }
    }

    @Test
    @DisplayName("bug 21: hundreds of looks leave no socket open")
    void bug21LooksLeaveNoSocketOpen() throws Exception {
        services.put(servers(20));
        try (Watched watched = new Watched(services.source())) {
            watched.await(list -> list.size() == 20);
            awaitQuestions(watched, services.dns);
            long before = Descriptors.open();
            int asked = services.dns.asked();
            while (services.dns.asked() < asked + 600) {
                watched.failedAfter(10);
            }
            // Those of the questions that are being asked right now.
            assertThat(Descriptors.open()).isLessThan(before + 100);
        }
    }
}
