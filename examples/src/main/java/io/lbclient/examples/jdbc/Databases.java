package io.lbclient.examples.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.lbclient.HealthChange;
import io.lbclient.HealthMonitor;
import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.balancer.Balancers;
import io.lbclient.health.ActiveChecks;
import io.lbclient.health.HealthCheck;
import io.lbclient.net.BalancedSocketFactory;
import io.lbclient.net.StickySocketFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Connection pools over server pools, as a program sets them up. */
final class Databases {
    private static final int CHECK_SECONDS = 5;

    static {
        // HikariCP does not look at a connection that it has used in the last half second, and would hand out dead
        // ones.
        System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "0");
    }

    private Databases() {}

    /** Returns a connection pool over the sockets that are registered under a name; its connections are made. */
    static HikariDataSource dataSource(String name, int connections) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setJdbcUrl("jdbc:postgresql://" + name + "/postgres?user=postgres&sslmode=disable"
                + "&socketFactory=" + StickySocketFactory.class.getName() + "&socketFactoryArg=" + name
                + "&connectTimeout=2&socketTimeout=20");
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(connections);
        config.setInitializationFailTimeout(30_000);
        return new HikariDataSource(config);
    }

    /**
     * A check that a server answers queries. One that comes back takes connections before that, and refuses each after a
     * few bytes: it would have the fewest, so every new one would go there.
     */
    static final HealthCheck ANSWERS_QUERIES = HealthCheck.of(Databases::answersQueries);

    /** Returns a pool of equal servers, where each new connection goes to the server with the fewest. */
    static ServerPool alike(String name, HealthCheck check, Server... servers) {
        return ServerPool.builder(name)
                .servers(servers)
                .balancer(Balancers.leastRequests())
                .healthMonitors(
                        HealthMonitor.consecutiveFailures(ServerPoolBuilder.DEFAULT_CONSECUTIVE_FAILURES),
                        // A pool of connections that are all made picks nobody, so nobody would try a server that is
                        // out.
                        ActiveChecks.builder(check)
                                .interval(Duration.ofMillis(500))
                                .unhealthyInterval(Duration.ofMillis(500))
                                .timeout(Duration.ofSeconds(CHECK_SECONDS))
                                .healthyThreshold(1)
                                .readmitsEjected(true)
                                .build())
                .build();
    }

    /**
     * Returns a listener that has a connection pool give up its connections, each when it is not in use, whenever a server
     * goes out or comes back: dead ones need not be found one by one, and a server that is back gets its share at once.
     */
    static PoolListener connectingAnew(HikariDataSource database) {
        return new PoolListener() {
            @Override
            public void healthChanged(HealthChange change) {
                HikariPoolMXBean connections = database.getHikariPoolMXBean();
                if (change.from().eligible() != change.to().eligible() && connections != null) {
                    connections.softEvictConnections();
                }
            }
        };
    }

    private static boolean answersQueries(Server server) {
        try (Connection connection = PostgresServer.connect(server, CHECK_SECONDS)) {
            return connection.isValid(CHECK_SECONDS);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns a pool of the servers that are standbys at present, or else primaries, which is asked again and again. */
    static ServerPool withRole(String name, boolean standby, Server... servers) {
        HealthCheck role = HealthCheck.of(server -> isStandby(server) == standby);
        return ServerPool.builder(name)
                .servers(servers)
                .balancer(Balancers.leastRequests())
                .healthMonitors(ActiveChecks.builder(role)
                        .interval(Duration.ofMillis(500))
                        .unhealthyInterval(Duration.ofMillis(500))
                        .unhealthyThreshold(1)
                        .healthyThreshold(1)
                        .waitForFirstPass(true)
                        .build())
                .build();
    }

    private static boolean isStandby(Server server) {
        try (Connection connection = PostgresServer.connect(server, 1);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select pg_is_in_recovery()")) {
            rows.next();
            return rows.getBoolean(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes a pool's sockets known to the driver, until what it returns is closed. */
    static StickySocketFactory.Registration register(BalancedSocketFactory factory) {
        return StickySocketFactory.register(factory.name(), factory);
    }

    /** How many connections there are to each port. */
    static Map<Integer, Integer> spread(ServerPool pool) {
        Map<Integer, Integer> spread = new TreeMap<>();
        pool.snapshot().servers().forEach(s -> spread.put(s.server().port(), s.inFlight()));
        return spread;
    }
}
