package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.ServerPool;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A balanced socket does what a plain one does. */
@Timeout(120)
class SocketBehaviourTest extends Opened {
    private EchoServer server;
    private ServerPool pool;
    private BalancedSocketFactory factory;

    @BeforeEach
    void start() throws IOException {
        server = echo();
        // The first refuses, so that the socket that gets the connection is not the one that was set up.
        pool = inOrder(refusing(), server.server());
        factory = factory(pool);
    }

    @Test
    void everyPublicMethodOfASocketIsPassedOn() {
        List<String> missing = Arrays.stream(Socket.class.getMethods())
                .filter(method -> method.getDeclaringClass() == Socket.class)
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .filter(method -> !isOverridden(method))
                .map(Method::toString)
                .toList();

        assertThat(missing).isEmpty();
    }

    private static boolean isOverridden(Method method) {
        try {
            return BalancedSocket.class
                            .getMethod(method.getName(), method.getParameterTypes())
                            .getDeclaringClass()
                    != Socket.class;
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatWasSetBeforeTheConnectHoldsAfterItWhicheverServerItIs() throws IOException {
        try (Socket socket = factory.createSocket()) {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.setSoTimeout(1234);
            socket.setSoLinger(true, 7);
            socket.setReuseAddress(true);
            socket.setOOBInline(true);
            socket.setTrafficClass(8);
            socket.setReceiveBufferSize(64 * 1024);
            socket.setSendBufferSize(32 * 1024);
            socket.setPerformancePreferences(1, 2, 3);
            assertThat(socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true))
                    .isSameAs(socket);
            assertThat(socket.getSoTimeout()).isEqualTo(1234);
            int sendBuffer = socket.getSendBufferSize();
            int receiveBuffer = socket.getReceiveBufferSize();

            socket.connect(Lab.LOGICAL, 30_000);

            assertThat(socket.getPort()).isEqualTo(server.port());
            assertThat(socket.getTcpNoDelay()).isTrue();
            assertThat(socket.getKeepAlive()).isTrue();
            assertThat(socket.getSoTimeout()).isEqualTo(1234);
            assertThat(socket.getSoLinger()).isEqualTo(7);
            assertThat(socket.getReuseAddress()).isTrue();
            assertThat(socket.getOOBInline()).isTrue();
            assertThat(socket.getTrafficClass()).isEqualTo(8);
            assertThat(socket.getSendBufferSize()).isEqualTo(sendBuffer);
            assertThat(socket.getReceiveBufferSize()).isEqualTo(receiveBuffer);
            assertThat(socket.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
            socket.setTcpNoDelay(false);
            assertThat(socket.getTcpNoDelay()).isFalse();
            assertThat(socket.supportedOptions()).isEqualTo(new Socket().supportedOptions());
        }
    }

    @Test
    void staysOnThePortThatItWasBoundTo() throws IOException {
        int free = Lab.freePort();
        try (Socket socket = factory.createSocket("orders-db", 1, InetAddress.getLoopbackAddress(), free)) {
            assertThat(socket.getLocalPort()).isEqualTo(free);
            assertThat(socket.getPort()).isEqualTo(server.port());
            assertThat(socket.getLocalSocketAddress())
                    .isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), free));
        }
        try (Socket socket = factory.createSocket(InetAddress.getLoopbackAddress(), 1, null, 0)) {
            assertThat(Lab.echo(socket, "any port")).isEqualTo("any port");
        }
    }

    @Test
    void aLocalPortThatIsTakenIsNotTheServersFault() throws IOException {
        int taken = server.port();
        assertThatThrownBy(() -> factory.createSocket("orders-db", 1, InetAddress.getLoopbackAddress(), taken))
                .isInstanceOf(java.net.BindException.class);
        assertThat(pool.snapshot().servers()).allMatch(s -> s.failures() == 0);
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void oneDirectionCanBeClosedBeforeTheOther() throws IOException {
        try (Socket socket = factory.createSocket("orders-db", 1)) {
            socket.getOutputStream().write(new byte[] {1, 2, 3});
            socket.shutdownOutput();
            assertThat(socket.isOutputShutdown()).isTrue();
            assertThat(socket.isInputShutdown()).isFalse();
            assertThat(socket.getInputStream().readAllBytes()).containsExactly(1, 2, 3);
            assertThatThrownBy(socket::getOutputStream)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("shutdown");
            socket.shutdownInput();
            assertThat(socket.isInputShutdown()).isTrue();
            assertThatThrownBy(socket::getInputStream).isInstanceOf(SocketException.class);
            assertThat(Lab.inFlight(pool, server.server())).isOne();
        }
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void beforeItsConnectItsStatesAndErrorsAreThoseOfAPlainSocket() throws IOException {
        Socket socket = factory.createSocket();
        assertThat(socket.isConnected()).isFalse();
        assertThat(socket.isBound()).isFalse();
        assertThat(socket.isClosed()).isFalse();
        assertThat(socket.getPort()).isZero();
        assertThat(socket.getLocalPort()).isEqualTo(-1);
        assertThat(socket.getInetAddress()).isNull();
        assertThat(socket.getRemoteSocketAddress()).isNull();
        assertThat(socket.getLocalSocketAddress()).isNull();
        assertThat(socket.getLocalAddress().isAnyLocalAddress()).isTrue();
        assertThat(socket.getChannel()).isNull();
        assertThatThrownBy(socket::getInputStream).isInstanceOf(SocketException.class);
        assertThatThrownBy(socket::getOutputStream).isInstanceOf(SocketException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> socket.connect(null, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> socket.connect(Lab.LOGICAL, -1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> socket.connect(new SocketAddress() {
                    private static final long serialVersionUID = 1L;
                }));
        socket.close();
    }

    @Test
    void afterItsConnectItsStatesAndErrorsAreThoseOfAPlainSocket() throws IOException {
        Socket socket = factory.createSocket();
        socket.connect(Lab.LOGICAL);
        assertThat(socket.isBound()).isTrue();
        assertThat(socket.getInetAddress()).isEqualTo(InetAddress.getLoopbackAddress());
        assertThat(socket.toString()).startsWith("balanced Socket[");
        assertThatThrownBy(() -> socket.connect(Lab.LOGICAL))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("onnected");
        socket.sendUrgentData(1);

        socket.close();
        assertThat(socket.isClosed()).isTrue();
        assertThat(socket.isConnected()).isTrue();
        assertThatThrownBy(socket::getInputStream).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> socket.connect(Lab.LOGICAL)).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> socket.setSoTimeout(1)).isInstanceOf(SocketException.class);
    }

    @Test
    void aSocketThatWasClosedBeforeItsConnectDoesNotConnect() throws IOException {
        Socket socket = factory.createSocket();
        socket.close();

        assertThatThrownBy(() -> socket.connect(Lab.LOGICAL)).isInstanceOf(SocketException.class);
        assertThat(pool.snapshot().servers()).allMatch(s -> s.picks() == 0);
    }

    @Test
    void ofTwoWaysToSetAnOptionTheLastOneCounts() throws IOException {
        try (Socket socket = factory.createSocket()) {
            socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            socket.setKeepAlive(false);
            socket.setTcpNoDelay(false);
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            socket.setKeepAlive(true);
            socket.setOption(StandardSocketOptions.SO_KEEPALIVE, false);
            socket.setOption(StandardSocketOptions.TCP_NODELAY, false);
            socket.setTcpNoDelay(true);
            socket.setSoLinger(true, 5);
            socket.setOption(StandardSocketOptions.SO_LINGER, 9);
            socket.setReuseAddress(true);
            socket.setOption(StandardSocketOptions.SO_REUSEADDR, false);

            socket.connect(Lab.LOGICAL, 30_000);

            assertThat(socket.getPort()).isEqualTo(server.port());
            assertThat(socket.getKeepAlive()).isFalse();
            assertThat(socket.getTcpNoDelay()).isTrue();
            assertThat(socket.getSoLinger()).isEqualTo(9);
            assertThat(socket.getReuseAddress()).isFalse();
        }
    }
}
