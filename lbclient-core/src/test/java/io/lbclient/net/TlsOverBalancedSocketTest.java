package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS over a balanced socket checks the logical name, whichever server it is. */
@Timeout(120)
class TlsOverBalancedSocketTest {
    private static final String PASSWORD = "password";

    @TempDir
    static Path folder;

    private static SSLContext context;
    private static SSLServerSocket listening;
    private static RefusingServer refusing;
    private static ServerPool pool;
    private static BalancedSocketFactory factory;

    @BeforeAll
    static void start() throws Exception {
        context = context(keys());
        listening = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(TlsOverBalancedSocketTest::serve, "test-tls");
        thread.setDaemon(true);
        thread.start();
        refusing = new RefusingServer();
        pool = Lab.inOrder(refusing.server(), Server.of("127.0.0.1", listening.getLocalPort()));
        factory = BalancedSocketFactory.of(pool);
    }

    private static KeyStore keys() throws Exception {
        Path file = folder.resolve("keys.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        (keytool + " -genkeypair -alias server -keyalg EC -dname CN=orders-db -ext san=dns:orders-db"
                                        + " -storetype PKCS12 -storepass " + PASSWORD + " -keystore " + file)
                                .split(" "))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private static SSLContext context(KeyStore keys) throws Exception {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", keys.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return made;
    }

    private static void serve() {
        while (!listening.isClosed()) {
            try (Socket socket = listening.accept()) {
                byte[] bytes = socket.getInputStream().readNBytes(5);
                socket.getOutputStream().write(bytes);
            } catch (IOException e) {
                // Closed, or a client that did not trust it.
            }
        }
    }

    @AfterAll
    static void stop() throws IOException {
        factory.close();
        pool.close();
        listening.close();
        refusing.close();
    }

    private static SSLSocket over(Socket plain, String name) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, name, 5432, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        return socket;
    }

    @Test
    void theLogicalNameIsWhatTheCertificateIsCheckedFor() throws IOException {
        try (SSLSocket socket = over(factory.createSocket("orders-db", 5432), "orders-db")) {
            socket.startHandshake();
            assertThat(socket.getSession().getPeerHost()).isEqualTo("orders-db");
            assertThat(Lab.echo(socket, "hello")).isEqualTo("hello");
            assertThat(Lab.inFlight(pool)).isOne();
        }
        // Closing the TLS socket has closed the one below.
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void anotherNameIsRefused() throws IOException {
        try (SSLSocket socket = over(factory.createSocket("payments-db", 5432), "payments-db")) {
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
        }
        assertThat(Lab.inFlight(pool)).isZero();
    }
}
