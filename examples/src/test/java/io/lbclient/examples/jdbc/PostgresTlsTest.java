package io.lbclient.examples.jdbc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.ServerPool;
import io.lbclient.net.BalancedSocketFactory;
import io.lbclient.net.StickySocketFactory;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL over TLS: the driver checks the certificate for the name of the pool, whichever server it is. */
@Timeout(300)
class PostgresTlsTest {
    private static final String PASSWORD = "password";

    @TempDir
    static Path folder;

    private static Path certificate;
    private static PostgresServer one;
    private static PostgresServer two;

    @BeforeAll
    static void start() throws Exception {
        Path store = folder.resolve("keys.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        (keytool + " -genkeypair -alias server -keyalg EC -dname CN=orders-db -ext san=dns:orders-db"
                                        + " -storetype PKCS12 -storepass " + PASSWORD + " -keystore " + store)
                                .split(" "))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(process.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        String pem = pem("CERTIFICATE", keys.getCertificate("server").getEncoded());
        String key =
                pem("PRIVATE KEY", keys.getKey("server", PASSWORD.toCharArray()).getEncoded());
        certificate = Files.writeString(folder.resolve("server.crt"), pem);
        one = PostgresServer.startWithTls(pem, key);
        two = PostgresServer.startWithTls(pem, key);
    }

    private static String pem(String what, byte[] bytes) {
        String text = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(bytes);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
    }

    private static Connection connect(String host) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://" + host + "/postgres?user=postgres&sslmode=verify-full"
                + "&sslrootcert=" + certificate + "&connectTimeout=10&socketTimeout=60&socketFactory="
                + StickySocketFactory.class.getName() + "&socketFactoryArg=orders-db");
    }

    @Test
    void theNameOfThePoolIsWhatTheCertificateIsCheckedFor() throws SQLException {
        try (ServerPool pool = Databases.alike("orders-db", Databases.ANSWERS_QUERIES, one.server(), two.server());
                BalancedSocketFactory sockets = BalancedSocketFactory.of(pool);
                StickySocketFactory.Registration registered = Databases.register(sockets);
                Connection first = connect("orders-db");
                Connection second = connect("orders-db")) {
            assertThat(Databases.spread(pool))
                    .isEqualTo(Map.of(one.server().port(), 1, two.server().port(), 1));
            for (Connection connection : new Connection[] {first, second}) {
                try (Statement statement = connection.createStatement();
                        ResultSet rows =
                                statement.executeQuery("select ssl from pg_stat_ssl where pid = pg_backend_pid()")) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getBoolean(1)).isTrue();
                }
            }
            assertThatThrownBy(() -> connect("payments-db")).isInstanceOf(SQLException.class);
            assertThat(Databases.spread(pool).values()).containsOnly(1);
        }
    }

    @Test
    void aQueryIsCancelledOnItsOwnServerOverTlsToo() throws SQLException {
        try (ServerPool pool = Databases.alike("orders-db", Databases.ANSWERS_QUERIES, one.server(), two.server());
                BalancedSocketFactory sockets = BalancedSocketFactory.of(pool);
                StickySocketFactory.Registration registered = Databases.register(sockets);
                Connection first = connect("orders-db");
                Connection second = connect("orders-db")) {
            for (Connection connection : new Connection[] {first, second}) {
                try (Statement statement = connection.createStatement()) {
                    statement.setQueryTimeout(1);
                    assertThatThrownBy(() -> statement.execute("select pg_sleep(600)"))
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getSQLState()).isEqualTo("57014"));
                }
            }
        }
    }
}
