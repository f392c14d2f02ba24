package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Outcome;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.balancer.Balancers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BalancedSocketTest extends Opened {
    @Test
    void reachesAServerUnderANameThatNobodyCouldResolve() throws IOException {
        EchoServer server = echo();
        ServerPool pool = inOrder(server.server());
        BalancedSocketFactory factory = factory(pool);

        try (Socket socket = factory.createSocket("orders-db", 5432)) {
            assertThat(Lab.echo(socket, "select 1")).isEqualTo("select 1");
            assertThat(socket.isConnected()).isTrue();
            assertThat(socket.getPort()).isEqualTo(server.port());
            assertThat(socket.getRemoteSocketAddress())
                    .isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
            assertThat(factory.openConnections()).isOne();
        }
        assertThat(factory.openConnections()).isZero();
    }

    @Test
    void isInFlightFromItsConnectUntilItIsClosedByWhicheverWay() throws IOException {
        EchoServer server = echo();
        ServerPool pool = inOrder(server.server());
        BalancedSocketFactory factory = factory(pool);

        Socket idle = factory.createSocket();
        assertThat(Lab.inFlight(pool)).isZero();
        idle.connect(Lab.LOGICAL, 5000);
        Socket second = factory.createSocket("orders-db", 1);
        Socket third = factory.createSocket(InetAddress.getLoopbackAddress(), 1);
        assertThat(Lab.inFlight(pool)).isEqualTo(3);

        idle.close();
        idle.close();
        assertThat(Lab.inFlight(pool)).isEqualTo(2);
        second.getInputStream().close();
        assertThat(second.isClosed()).isTrue();
        third.getOutputStream().close();
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void theTimeToConnectIsTheLatencyAndTheSuccessIsToldAtOnce() throws IOException {
        EchoServer server = echo();
        ServerPool pool = watched(server.server());
        BalancedSocketFactory factory = factory(pool);

        try (Socket socket = factory.createSocket("orders-db", 1)) {
            assertThat(socket.isConnected()).isTrue();
            ServerSnapshot figures = pool.snapshot().servers().get(0);
            assertThat(figures.inFlight()).isOne();
            assertThat(figures.latencyNanos()).isPositive();
            assertThat(endings.seen).containsExactly(Lab.Endings.of(server.server(), Outcome.SUCCESS));
        }
        assertThat(endings.seen)
                .containsExactly(
                        Lab.Endings.of(server.server(), Outcome.SUCCESS),
                        Lab.Endings.of(server.server(), Outcome.CANCELLED));
    }

    @Test
    void aConnectionThatIsResetCountsAgainstItsServer() throws Exception {
        EchoServer server = echo();
        ServerPool pool = watched(server.server());
        List<String> told = new CopyOnWriteArrayList<>();
        BalancedSocketFactory factory =
                closing(patient(pool).listener(noting(told)).build());

        try (Socket socket = factory.createSocket("orders-db", 1)) {
            Lab.echo(socket, "hello");
            server.kill();
            assertThatThrownBy(() -> {
                        while (true) {
                            socket.getOutputStream().write(1);
                            if (socket.getInputStream().read() < 0) {
                                throw new AssertionError("closed, not reset");
                            }
                        }
                    })
                    .isInstanceOf(SocketException.class);
            assertThat(endings.seen)
                    .containsExactly(
                            Lab.Endings.of(server.server(), Outcome.SUCCESS),
                            Lab.Endings.of(server.server(), Outcome.FAILURE));
        }
        assertThat(Lab.inFlight(pool)).isZero();
        assertThat(told).hasSize(1).first().asString().startsWith("BROKEN in 5 ");
    }

    @Test
    void aReadThatTimesOutSaysNothingAboutTheServer() throws IOException {
        EchoServer server = echo();
        ServerPool pool = watched(server.server());
        BalancedSocketFactory factory = factory(pool);

        try (Socket socket = factory.createSocket("orders-db", 1)) {
            socket.setSoTimeout(20);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            socket.setSoTimeout(0);
            assertThat(Lab.echo(socket, "still here")).isEqualTo("still here");
        }
        assertThat(endings.seen).noneMatch(line -> line.endsWith("FAILURE") || line.endsWith("TIMEOUT"));
    }

    @Test
    void theListenerIsToldOfConnectsFailuresAndBytes() throws IOException {
        Server refusing = refusing();
        EchoServer good = echo();
        ServerPool pool = inOrder(refusing, good.server());
        List<String> told = new CopyOnWriteArrayList<>();
        BalancedSocketFactory factory = closing(patient(pool)
                .listener(new ConnectionListener() {
                    @Override
                    public void connected(Server server, InetSocketAddress address, Duration took) {
                        told.add("connected " + address.getPort() + (took.isNegative() ? " in the past" : ""));
                    }

                    @Override
                    public void connectFailed(Server server, InetSocketAddress address, IOException cause) {
                        told.add("failed " + address.getPort());
                        throw new IllegalStateException("what a listener throws harms nobody");
                    }

                    @Override
                    public void closed(Server server, Ending ending, Duration open, long bytesIn, long bytesOut) {
                        told.add(ending + " in " + bytesIn + " out " + bytesOut);
                    }
                })
                .build());

        try (Socket socket = factory.createSocket("orders-db", 1)) {
            Lab.echo(socket, "12345");
            socket.getOutputStream().write(0xe9);
            assertThat(socket.getInputStream().read()).isEqualTo(0xe9);
            socket.getOutputStream().write(new byte[1000], 10, 20);
            assertThat(socket.getInputStream().skip(20)).isEqualTo(20);
        }
        assertThat(told)
                .containsExactly("failed " + refusing.port(), "connected " + good.port(), "CLOSED in 26 out 26");
    }

    @Test
    void picksByWhatTheRequestShows() throws IOException {
        EchoServer one = echo();
        EchoServer two = echo();
        EchoServer three = echo();
        ServerPool pool = closing(Lab.builder(one.server(), two.server(), three.server())
                .balancer(Balancers.rendezvous(RequestView::path).build())
                .build());
        BalancedSocketFactory factory = closing(patient(pool)
                .request(logical -> new RequestView() {
                    @Override
                    public String path() {
                        return ((InetSocketAddress) logical).getHostString();
                    }
                })
                .build());

        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            try (Socket socket = factory.createSocket("tenant-7", 1)) {
                ports.add(socket.getPort());
            }
        }
        assertThat(ports).containsOnly(ports.get(0));
    }

    @Test
    void aChannelIsBalancedToo() throws IOException {
        Server refusing = refusing();
        EchoServer good = echo();
        ServerPool pool = inOrder(refusing, good.server());
        List<String> told = new CopyOnWriteArrayList<>();
        BalancedSocketFactory factory =
                closing(patient(pool).listener(noting(told)).build());

        try (BalancedSocketChannel channel = factory.openChannel(Lab.LOGICAL)) {
            assertThat(channel.server()).isEqualTo(good.server());
            assertThat(Lab.inFlight(pool)).isOne();
            channel.write(new ByteBuffer[] {ByteBuffer.wrap(new byte[3]), ByteBuffer.wrap(new byte[4])});
            ByteBuffer answer = ByteBuffer.allocate(7);
            while (answer.hasRemaining() && channel.read(answer) >= 0) {
                continue;
            }
            assertThat(answer.hasRemaining()).isFalse();
            channel.channel().configureBlocking(false);
            assertThat(channel.read(ByteBuffer.allocate(1))).isZero();
        }
        assertThat(Lab.inFlight(pool)).isZero();
        assertThat(told).containsExactly("CLOSED in 7 out 7");
    }

    private static ConnectionListener noting(List<String> endings) {
        return new ConnectionListener() {
            @Override
            public void closed(Server server, Ending ending, Duration open, long bytesIn, long bytesOut) {
                endings.add(ending + " in " + bytesIn + " out " + bytesOut);
            }
        };
    }

    @Test
    void aForgottenSocketDoesNotStayInFlight() throws Exception {
        EchoServer server = echo();
        ServerPool pool = inOrder(server.server());
        BalancedSocketFactory factory = factory(pool);

        Lab.echo(factory.createSocket("orders-db", 1), "nobody keeps this");

        Lab.await("the collector has found it", () -> {
            System.gc();
            return Lab.inFlight(pool) == 0;
        });
        Lab.await("the server sees it closed", () -> server.open() == 0);
    }

    @Test
    void badSettingsAreRefused() {
        BalancedSocketFactory.Builder builder = BalancedSocketFactory.builder(inOrder());
        assertThatThrownBy(() -> builder.startDelay(Duration.ZERO)).hasMessageStartingWith("startDelay: PT0S");
        assertThatThrownBy(() -> builder.connectTimeout(Duration.ofDays(365))).hasMessageStartingWith("connectTimeout");
        assertThatThrownBy(() -> builder.maxServers(0)).hasMessage("maxServers: 0 (expected: >= 1)");
        assertThatThrownBy(() -> builder.maxAge(Duration.ofSeconds(-1))).hasMessageStartingWith("maxAge");
        assertThatThrownBy(() -> builder.drainAfter(Duration.ofSeconds(-1))).hasMessageStartingWith("drainAfter");
        assertThatThrownBy(() -> builder.quietTime(Duration.ZERO)).hasMessageStartingWith("quietTime");
    }
}
