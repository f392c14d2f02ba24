package io.lbclient.examples.jdbc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.examples.Waiting;
import io.lbclient.examples.jdbc.QueryLoad.Query;
import io.lbclient.net.BalancedSocketFactory;
import io.lbclient.net.StickySocketFactory;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two PostgreSQL servers behind one name, through the driver's own socket factory property, with HikariCP above. */
@Timeout(300)
class PostgresTest {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresTest.class);

    /** How long the load runs in all; more for a longer look. */
    private static final Duration RUN = Duration.ofSeconds(Integer.getInteger("lbclient.jdbc.seconds", 12));

    private static PostgresServer one;
    private static PostgresServer two;

    @BeforeAll
    static void start() throws IOException {
        one = PostgresServer.start();
        two = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
    }

    @Test
    void connectionsOfThePoolAreSpreadEvenly() throws SQLException {
        try (ServerPool pool = Databases.alike("orders-db", Databases.ANSWERS_QUERIES, one.server(), two.server());
                BalancedSocketFactory sockets = BalancedSocketFactory.of(pool);
                StickySocketFactory.Registration registered = Databases.register(sockets);
                HikariDataSource database = Databases.dataSource("orders-db", 16)) {
            List<Connection> all = new ArrayList<>();
            Map<Integer, Integer> ports = new TreeMap<>();
            for (int i = 0; i < 16; i++) {
                Connection connection = database.getConnection();
                all.add(connection);
                ports.merge(port(connection), 1, Integer::sum);
            }

            assertThat(ports).containsOnlyKeys(one.server().port(), two.server().port());
            assertThat(ports.values()).containsOnly(8);
            assertThat(Databases.spread(pool)).isEqualTo(ports);
            for (Connection connection : all) {
                connection.close();
            }
            database.close();
            assertThat(Databases.spread(pool).values()).containsOnly(0);
        }
    }

    private static int port(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select current_setting('port')::int")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /** As a server does that is recovering from a crash. */
    @Test
    void aServerThatListensButRefusesEveryLoginCostsNobodyAConnection() throws IOException {
        try (Refusing starting = new Refusing();
                ServerPool pool =
                        Databases.alike("orders-db", Databases.ANSWERS_QUERIES, starting.server(), two.server());
                BalancedSocketFactory sockets = BalancedSocketFactory.of(pool);
                StickySocketFactory.Registration registered = Databases.register(sockets);
                HikariDataSource database = Databases.dataSource("orders-db", 8)) {
            Waiting.until(
                    "all connections are at the server that answers",
                    () -> Databases.spread(pool).get(two.server().port()) == 8);
            assertThat(Databases.spread(pool)).containsEntry(starting.server().port(), 0);
        }
    }

    /** Takes connections, and says to each what PostgreSQL says while it is starting. */
    private static final class Refusing implements AutoCloseable {
        private static final byte[] STARTING_UP =
                "SFATAL\0C57P03\0Mthe database system is starting up\0\0".getBytes(US_ASCII);

        private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

        Refusing() throws IOException {
            Thread thread = new Thread(this::refuse, "refusing");
            thread.setDaemon(true);
            thread.start();
        }

        private void refuse() {
            while (!listening.isClosed()) {
                try (Socket socket = listening.accept()) {
                    DataInputStream asked = new DataInputStream(socket.getInputStream());
                    asked.readNBytes(asked.readInt() - Integer.BYTES);
                    DataOutputStream answer = new DataOutputStream(socket.getOutputStream());
                    answer.writeByte('E');
                    answer.writeInt(STARTING_UP.length + Integer.BYTES);
                    answer.write(STARTING_UP);
                } catch (IOException e) {
                    // The client went first, or the test is over.
                }
            }
        }

        Server server() {
            return Server.of("127.0.0.1", listening.getLocalPort());
        }

        @Override
        public void close() throws IOException {
            listening.close();
        }
    }

    @Test
    void aQueryThatTakesTooLongIsCancelledOnItsOwnServer() throws SQLException {
        try (ServerPool pool = Databases.alike("orders-db", Databases.ANSWERS_QUERIES, one.server(), two.server());
                BalancedSocketFactory sockets = BalancedSocketFactory.of(pool);
                StickySocketFactory.Registration registered = Databases.register(sockets);
                HikariDataSource database = Databases.dataSource("orders-db", 4)) {
            List<Connection> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(database.getConnection());
            }
            for (Connection connection : all) {
                try (Statement statement = connection.createStatement()) {
                    statement.setQueryTimeout(1);
                    // Longer than the test may take: a cancel that went to the other server would never end it.
                    assertThatThrownBy(() -> statement.execute("select pg_sleep(600)"))
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getSQLState()).isEqualTo("57014"));
                }
                assertThat(port(connection))
                        .isIn(one.server().port(), two.server().port());
                connection.close();
            }
        }
    }

    @Test
    void aKilledServerCostsWhatWasInFlightThereAndServesAgainWhenItIsBack() throws Exception {
        ServerPool pool = Databases.alike("orders-db", Databases.ANSWERS_QUERIES, one.server(), two.server());
        BalancedSocketFactory sockets =
                BalancedSocketFactory.builder(pool).maxAge(RUN.dividedBy(4)).build();
        try (pool;
                sockets;
                StickySocketFactory.Registration registered = Databases.register(sockets);
                HikariDataSource database = Databases.dataSource("orders-db", 16);
                QueryLoad load = new QueryLoad(database, 50)) {
            long start = System.nanoTime();
            pool.addListener(Databases.connectingAnew(database));
            int survivor = two.server().port();
            int killed = one.server().port();
            Waiting.until(
                    "both have answered a quarter of the run's queries",
                    () -> load.ended().size() >= 50 * RUN.toSeconds() / 4);
            assertThat(load.answeredSince(0)).containsKeys(survivor, killed);

            long killing = System.nanoTime();
            one.kill();
            long dead = System.nanoTime();
            Waiting.until(
                    "all 16 connections are at the survivor",
                    () -> Databases.spread(pool).get(survivor) == 16
                            && Databases.spread(pool).get(killed) == 0);
            long whole = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killing);
            int before = load.ended().size();
            Waiting.until(
                    "a quarter of the run has passed with one server",
                    () -> load.ended().size() >= before + 50 * RUN.toSeconds() / 4);

            one.comeBack();
            long back = System.nanoTime();
            long both =
                    Waiting.until("both serve", () -> load.answeredSince(back).getOrDefault(killed, 0) > 20);
            Waiting.until("the run is over", () -> System.nanoTime() - start >= RUN.toNanos());
            load.close();

            LOG.info("whole again after {} ms, both serve {} ms after the return", whole, both);
            onlyWhatWasUnderWayFailed(load.ended(), dead);
        }
    }

    /** What began after the kill never met the dead server. */
    private static void onlyWhatWasUnderWayFailed(List<Query> ended, long dead) {
        List<Query> failed =
                ended.stream().filter(query -> !query.failure().isEmpty()).toList();
        LOG.info("{} queries, {} failed", ended.size(), failed.size());
        assertThat(failed).allMatch(query -> query.start() - dead < 0);
        assertThat(failed).hasSizeLessThanOrEqualTo(16);
    }
}
