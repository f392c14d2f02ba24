package io.lbclient.examples.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.lbclient.ServerPool;
import io.lbclient.examples.Waiting;
import io.lbclient.net.BalancedSocketFactory;
import io.lbclient.net.StickySocketFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A primary and a standby by streaming replication: writes and reads each go where they can. */
@Timeout(300)
class ReplicationTest {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicationTest.class);

    @Test
    void writesGoToThePrimaryReadsToTheStandbyAndAPromotedStandbyTakesTheWritesOver() throws Exception {
        try (PostgresServer primary = PostgresServer.start();
                PostgresServer standby = primary.standby();
                ServerPool writable = Databases.withRole("orders-rw", false, primary.server(), standby.server());
                ServerPool readable = Databases.withRole("orders-ro", true, primary.server(), standby.server());
                BalancedSocketFactory writes = closingWhoLosesTheRole(writable);
                BalancedSocketFactory reads = closingWhoLosesTheRole(readable);
                StickySocketFactory.Registration rw = Databases.register(writes);
                StickySocketFactory.Registration ro = Databases.register(reads)) {
            Waiting.until("the checks know the roles", () -> eligible(writable) == 1 && eligible(readable) == 1);
            try (HikariDataSource forWrites = Databases.dataSource("orders-rw", 4);
                    HikariDataSource forReads = Databases.dataSource("orders-ro", 4)) {
                writable.addListener(Databases.connectingAnew(forWrites));
                readable.addListener(Databases.connectingAnew(forReads));
                // A check that comes late takes the role from its server, and the sockets to it are closed.
                Waiting.until(
                        "there is a table",
                        () -> succeeds(forWrites, "create table if not exists orders (id int primary key)"));
                Waiting.until("there is an order", () -> succeeds(forWrites, insert(1)));
                Waiting.until("the standby has it", () -> count(forReads) == 1);
                Waiting.until(
                        "all connections are made", () -> at(writable, primary) == 4 && at(readable, standby) == 4);

                primary.kill();
                long promoting = System.nanoTime();
                standby.promote();
                Waiting.until("writes succeed again", () -> succeeds(forWrites, insert(2)));
                LOG.info(
                        "writes succeed {} ms after the promotion began",
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - promoting));

                Waiting.until("all connections for writes are there", () -> at(writable, standby) == 4);
                // Nobody is a standby any more, and a read that the new primary can answer is better than none.
                Waiting.until("both orders are read", () -> count(forReads) == 2);
            }
        }
    }

    private static BalancedSocketFactory closingWhoLosesTheRole(ServerPool pool) {
        return BalancedSocketFactory.builder(pool).closeUnhealthy(true).build();
    }

    private static int at(ServerPool pool, PostgresServer server) {
        return Databases.spread(pool).get(server.server().port());
    }

    private static long eligible(ServerPool pool) {
        return pool.snapshot().servers().stream()
                .filter(s -> s.state().eligible())
                .count();
    }

    private static String insert(int id) {
        return "insert into orders values (" + id + ") on conflict do nothing";
    }

    private static boolean succeeds(DataSource database, String sql) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    private static int count(DataSource database) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select count(*) from orders")) {
            rows.next();
            return rows.getInt(1);
        } catch (SQLException e) {
            return -1;
        }
    }
}
