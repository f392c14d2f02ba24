package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class StickySocketFactoryTest extends Opened {
    private ServerPool pool;
    private BalancedSocketFactory factory;
    private StickySocketFactory.Registration registration;

    @BeforeEach
    void start() throws IOException {
        pool = closing(Lab.builder(echo().server(), echo().server(), echo().server())
                .balancer(Balancers.roundRobin())
                .build());
        factory = factory(pool);
        registration = registered();
    }

    private StickySocketFactory.Registration registered() {
        return closing(StickySocketFactory.register("orders-db", factory));
    }

    @Test
    void allSocketsOfOneObjectGoToOneServerWhileTheFirstIsOpen() throws IOException {
        StickySocketFactory sticky = new StickySocketFactory("orders-db");
        try (Socket first = sticky.createSocket("orders-db", 5432)) {
            for (int i = 0; i < 5; i++) {
                // The cancel connection of a database driver is made this way.
                try (Socket cancel = sticky.createSocket()) {
                    cancel.connect(InetSocketAddress.createUnresolved("orders-db", 5432), 5000);
                    assertThat(cancel.getPort()).isEqualTo(first.getPort());
                    assertThat(Lab.echo(cancel, "cancel")).isEqualTo("cancel");
                }
            }
            try (Socket another = sticky.createSocket(InetAddress.getLoopbackAddress(), 1)) {
                assertThat(another.getPort()).isEqualTo(first.getPort());
            }
            assertThat(Lab.inFlight(pool)).isOne();
        }
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void differentObjectsAreBalanced() throws IOException {
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            try (Socket socket = new StickySocketFactory("orders-db").createSocket("anything", 1)) {
                ports.add(socket.getPort());
            }
        }
        assertThat(ports).hasSize(3);
    }

    @Test
    void afterItsFirstSocketIsClosedAnObjectPicksAnew() throws IOException {
        StickySocketFactory sticky = new StickySocketFactory("orders-db");
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            try (Socket socket = sticky.createSocket("orders-db", 1)) {
                ports.add(socket.getPort());
            }
        }
        assertThat(ports).hasSize(3);
    }

    @Test
    void withoutAnArgumentTheHostIsTheName() throws IOException {
        try (Socket socket = new StickySocketFactory().createSocket()) {
            socket.connect(InetSocketAddress.createUnresolved("orders-db", 3306), 5000);
            assertThat(Lab.echo(socket, "hello")).isEqualTo("hello");
        }
    }

    @Test
    void aNameThatNobodyRegisteredIsAnErrorThatSaysWhoDid() {
        assertThatThrownBy(() -> new StickySocketFactory("payments-db").createSocket("payments-db", 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("payments-db")
                .hasMessageContaining("orders-db");
    }

    @Test
    void aNameIsRegisteredOnceAndCanBeTakenBack() {
        assertThatIllegalStateException()
                .isThrownBy(() -> StickySocketFactory.register("orders-db", factory))
                .withMessageContaining("orders-db");
        registration.close();
        registered();
    }

    @Test
    void takingANameBackTwiceDoesNotTakeItFromTheNextOne() throws IOException {
        StickySocketFactory.Registration before = registration;
        before.close();
        registered();
        before.close();

        try (Socket socket = new StickySocketFactory("orders-db").createSocket("anything", 1)) {
            assertThat(Lab.echo(socket, "hello")).isEqualTo("hello");
        }
    }

    @Test
    void aDriverThatPassesNullForNoArgumentMeansTheHost() throws IOException {
        try (Socket socket = new StickySocketFactory(null).createSocket("orders-db", 5432)) {
            assertThat(Lab.echo(socket, "hello")).isEqualTo("hello");
        }
    }
}
