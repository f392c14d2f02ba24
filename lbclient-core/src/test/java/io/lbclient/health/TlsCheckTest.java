package io.lbclient.health;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.Server;
import io.lbclient.health.HealthCheck.Result;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real TLS server, with a certificate that the JDK's own keytool makes. */
class TlsCheckTest {
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    static Path folder;

    private static final ExecutorService EXECUTOR = Executors.newCachedThreadPool();
    private static SSLContext context;
    private static CannedServer server;

    @BeforeAll
    static void startServer() throws Exception {
        context = context(keys());
        server = CannedServer.over(
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nUP");
    }

    private static KeyStore keys() throws Exception {
        Path file = folder.resolve("keys.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder((keytool
                                + " -genkeypair -alias server -keyalg EC -dname CN=orders.test -ext san=dns:orders.test,dns:orders"
                                + " -storetype PKCS12 -storepass password -keystore " + file)
                        .split(" "))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return KeyStore.getInstance(file.toFile(), PASSWORD);
    }

    /** For the server and for those who trust it. */
    private static SSLContext context(KeyStore keys) throws Exception {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", keys.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return made;
    }

    @AfterAll
    static void end() throws Exception {
        server.close();
        EXECUTOR.shutdownNow();
        assertThat(EXECUTOR.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    private static Result run(SSLSocketFactory factory, String name) {
        HttpCheck check =
                HttpCheck.builder("/").bodyContains("UP").tls(factory, name).build();
        return run(check);
    }

    private static Result run(HttpCheck check) {
        try {
            return check.check(Server.of("127.0.0.1", server.port()), EXECUTOR)
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            return Result.failed(String.valueOf(e.getCause()));
        }
    }

    @Test
    void theCertificateOfTheLogicalNamePassesAndTheNameIsInTheHostHeader() throws Exception {
        server.requests.clear();
        assertThat(run(context.getSocketFactory(), "orders.test")).isEqualTo(Result.PASSED);
        assertThat(server.request()).contains("Host: orders.test");
    }

    @Test
    void theNameIsSentToTheServerAlsoIfItHasNoDot() throws Exception {
        try (ServerSocket listener =
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            HttpCheck check = HttpCheck.builder("/")
                    .tls(context.getSocketFactory(), "orders")
                    .port(listener.getLocalPort())
                    .build();
            CompletableFuture<Result> running = check.check(Server.of("127.0.0.1", 1), EXECUTOR);
            try (SSLSocket connection = (SSLSocket) listener.accept()) {
                ExtendedSSLSession session = (ExtendedSSLSession) connection.getSession();
                assertThat(session.getRequestedServerNames()).containsExactly(new SNIHostName("orders"));
                running.cancel(true);
            }
        }
    }

    @Test
    void aCertificateForAnotherNameHasFailed() {
        assertThat(run(context.getSocketFactory(), "payments.test").detail()).startsWith("javax.net.ssl.SSL");
    }

    @Test
    void aCertificateThatIsNotTrustedHasFailed() {
        SSLSocketFactory system = (SSLSocketFactory) SSLSocketFactory.getDefault();
        assertThat(run(system, "orders.test").detail()).startsWith("javax.net.ssl.SSL");
        assertThat(run(HttpCheck.builder("/").tls().build()).detail()).startsWith("javax.net.ssl.SSL");
    }

    @Test
    void aServerThatDoesNotSpeakTlsHasFailed() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            HttpCheck check = HttpCheck.builder("/")
                    .tls(context.getSocketFactory(), "orders.test")
                    .port(plain.getLocalPort())
                    .build();
            CompletableFuture<Result> running = check.check(Server.of("127.0.0.1", 1), EXECUTOR);
            try (Socket connection = plain.accept()) {
                connection.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
                assertThat(running).failsWithin(Duration.ofSeconds(60));
            }
        }
    }

    @Test
    void aCheckThatIsCancelledInItsHandshakeHangsUp() throws Exception {
        try (CannedServer silent = CannedServer.silent()) {
            HttpCheck check = HttpCheck.builder("/")
                    .tls(context.getSocketFactory(), "orders.test")
                    .port(silent.port())
                    .build();
            CompletableFuture<Result> running = check.check(Server.of("127.0.0.1", 1), EXECUTOR);
            assertThat(silent.connections.poll(60, TimeUnit.SECONDS)).isTrue();
            assertThat(silent.hangUps).isEmpty();
            running.cancel(true);
            assertThat(silent.hangUps.poll(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aNameThatIsNoHostNameIsRejected() {
        HttpCheck.Builder builder = HttpCheck.builder("/");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.tls(context.getSocketFactory(), "orders test"))
                .withMessage("name: \"orders test\" (expected: a host name)");
    }
}
