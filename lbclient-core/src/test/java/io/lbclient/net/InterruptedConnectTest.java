package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.Threads;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** What fails for a reason on this side of the network is not held against a server. */
@Timeout(120)
class InterruptedConnectTest extends Opened {
    @AfterEach
    void leavesTheThreadUninterrupted() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aThreadThatIsInterruptedWhileItConnectsAChannelBlamesNoServer() throws IOException {
        EchoServer one = echo();
        EchoServer two = echo();
        ServerPool pool = watched(one.server(), two.server());
        BalancedSocketFactory factory = factory(pool);

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> factory.openChannel(Lab.LOGICAL)).isInstanceOf(ClosedByInterruptException.class);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(endings.seen).containsExactly(Lab.Endings.of(one.server(), Outcome.CANCELLED));
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void aFunctionThatConnectsAndIsInterruptedBlamesNoServer() throws IOException {
        EchoServer one = echo();
        EchoServer two = echo();
        ServerPool pool = watched(one.server(), two.server());
        BalancedSocketFactory factory = factory(pool);

        assertThatThrownBy(() -> factory.connect(Lab.LOGICAL, (attempt, timeout) -> {
                    throw new ClosedByInterruptException();
                }))
                .isInstanceOf(ClosedByInterruptException.class);

        assertThat(endings.seen).containsExactly(Lab.Endings.of(one.server(), Outcome.CANCELLED));
    }

    @Test
    void aChannelThatItsUserClosesUnderAReadBlamesNoServer() throws IOException {
        EchoServer server = echo();
        ServerPool pool = watched(server.server());
        BalancedSocketFactory factory = factory(pool);

        try (BalancedSocketChannel channel = factory.openChannel(Lab.LOGICAL)) {
            channel.channel().close();
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
        }
        assertThat(endings.seen)
                .containsExactly(
                        Lab.Endings.of(server.server(), Outcome.SUCCESS),
                        Lab.Endings.of(server.server(), Outcome.CANCELLED));
    }

    /** Connects for real, but not to some ports: as on a machine that has no address of a server's family. */
    private Link.Source withoutWayTo(Server... servers) {
        List<Integer> ports = List.of(servers).stream().map(Server::port).toList();
        return () -> {
            Socket socket = closing(new Socket());
            return new Link() {
                @Override
                public void connect(InetSocketAddress address, int timeoutMillis) throws IOException {
                    if (ports.contains(address.getPort())) {
                        throw new BindException("Cannot assign requested address");
                    }
                    socket.connect(address, timeoutMillis);
                }

                @Override
                public void close() throws IOException {
                    socket.close();
                }
            };
        };
    }

    @Test
    void anAddressThatNoLocalAddressCanReachIsPassedOverWithoutBlame() throws IOException {
        EchoServer one = echo();
        EchoServer two = echo();
        ServerPool pool = watched(one.server(), two.server());
        Dialer dialer = factory(pool).dialer();

        Race race = new Race(dialer, withoutWayTo(one.server()), Lab.LOGICAL, dialer.deadline(0), true);
        Race.Leg leg = race.run();

        assertThat(leg.address().getPort()).isEqualTo(two.port());
        assertThat(endings.seen)
                .containsExactly(
                        Lab.Endings.of(one.server(), Outcome.CANCELLED), Lab.Endings.of(two.server(), Outcome.SUCCESS));
        leg.approach().attempt.close();
    }

    @Test
    void whatOneAddressSaysOfItsServerIsNotUnsaidByOneThatCannotBeTried() throws IOException {
        ServerPool pool = watched(echo().server());
        Approach approach = new Approach(pool.pick(), 0);
        approach.resolve();
        approach.begin();

        approach.failed(new ConnectException("refused"));
        approach.failed(new BindException("Cannot assign requested address"));

        assertThat(approach.verdict()).isEqualTo(Outcome.CONNECT_FAILURE);
        approach.attempt.close();
    }

    @Test
    void whenNoLocalAddressReachesAnyOfThemThatIsTheFailure() throws IOException {
        EchoServer one = echo();
        EchoServer two = echo();
        ServerPool pool = watched(one.server(), two.server());
        List<Server> told = new CopyOnWriteArrayList<>();
        Dialer dialer = closing(patient(pool)
                        .listener(new ConnectionListener() {
                            @Override
                            public void connectFailed(Server server, InetSocketAddress address, IOException cause) {
                                told.add(server);
                            }
                        })
                        .build())
                .dialer();

        Race race = new Race(dialer, withoutWayTo(one.server(), two.server()), Lab.LOGICAL, dialer.deadline(0), true);

        assertThatThrownBy(race::run)
                .isInstanceOf(BindException.class)
                .hasMessageContaining(one.server().id())
                .hasMessageContaining(two.server().id());
        assertThat(told).isEmpty();
        assertThat(endings.seen).hasSize(2).allMatch(line -> line.endsWith("CANCELLED"));
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void whatFailsBecauseTheFactoryClosesItBlamesNoServer() throws IOException {
        ServerPool pool = watched(echo().server());
        Connection[] made = new Connection[1];
        made[0] = factory(pool)
                .connections()
                .add(pool.pick(), () -> made[0].failed(new SocketException("Socket closed")));

        made[0].close(ConnectionListener.Ending.AGED);

        assertThat(endings.seen).hasSize(1).allMatch(line -> line.endsWith("CANCELLED"));
    }

    @Test
    void closingItFromAnotherThreadEndsTheConnectAndBlamesNoServer() throws Exception {
        SilentServer silent = closing(new SilentServer());
        SilentServer other = closing(new SilentServer());
        ServerPool pool = watched(silent.server(), other.server());
        BalancedSocketFactory factory = impatient(pool);
        Socket socket = factory.createSocket();

        CompletableFuture<Void> connecting = CompletableFuture.runAsync(() -> {
            try {
                socket.connect(Lab.LOGICAL);
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
        Lab.await("both connects are under way", () -> Lab.inFlight(pool) == 2);
        socket.close();

        assertThatThrownBy(() -> connecting.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(SocketException.class)
                .hasMessageContaining("Socket closed");
        // A server that was being picked in this moment is judged by the thread that picked it.
        Lab.await("both are judged", () -> endings.seen.size() == 2);
        assertThat(endings.seen).hasSize(2).allMatch(line -> line.endsWith("CANCELLED"));
        assertThat(Lab.inFlight(pool)).isZero();
        factory.close();
        Lab.awaitNoThread("orders-db-connect");
    }

    @Test
    void closingItInTheMomentInWhichItsConnectBeginsEndsTheConnect() throws Exception {
        SilentServer silent = closing(new SilentServer());
        ServerPool pool = watched(silent.server());
        BalancedSocketFactory factory = impatient(pool);
        SplittableRandom random = new SplittableRandom(3);
        for (int round = 0; round < 200; round++) {
            Socket socket = factory.createSocket();
            int moment = random.nextInt(4_000);
            Threads.run(2, thread -> () -> {
                if (thread == 0) {
                    assertThatThrownBy(() -> socket.connect(Lab.LOGICAL)).isInstanceOf(SocketException.class);
                    return;
                }
                for (int i = 0; i < moment; i++) {
                    Thread.onSpinWait();
                }
                socket.close();
            });
        }
        Lab.await("each attempt has ended", () -> Lab.inFlight(pool) == 0);
        assertThat(endings.seen).allMatch(line -> line.endsWith("CANCELLED"));
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void aVirtualThreadThatIsInterruptedWhileItConnectsBlamesNoServer() throws Exception {
        SilentServer silent = closing(new SilentServer());
        SilentServer other = closing(new SilentServer());
        ServerPool pool = watched(silent.server(), other.server());
        BalancedSocketFactory factory = impatient(pool);
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();

        Thread connecting = Lab.startVirtualThread(() -> {
            try (Socket socket = factory.createSocket()) {
                socket.connect(Lab.LOGICAL);
                thrown.complete(new AssertionError("connected"));
            } catch (IOException e) {
                thrown.complete(e);
            }
        });
        Lab.await("both connects are under way", () -> Lab.inFlight(pool) == 2);
        connecting.interrupt();

        assertThat(thrown.get(60, TimeUnit.SECONDS)).isInstanceOf(SocketException.class);
        Lab.await("both are judged", () -> endings.seen.size() == 2);
        assertThat(endings.seen).hasSize(2).allMatch(line -> line.endsWith("CANCELLED"));
        assertThat(Lab.inFlight(pool)).isZero();
    }
}
