package io.lbclient.examples.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.lbclient.ServerPool;
import io.lbclient.examples.shared.Patience;
import io.lbclient.net.BalancedSocketFactory;
import io.lbclient.net.StickySocketFactory;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Two PostgreSQL servers under one name; one is killed under load and comes back. */
public final class JdbcDemo {
    private static final int CONNECTIONS = 16;
    private static final int RATE = 50;
    private static final int ONE_SERVER_SECONDS = 5;
    private static final int BOTH_SERVERS_SECONDS = 5;

    private final PrintStream out;
    private final ServerPool pool;
    private final QueryLoad load;
    private final long start = System.nanoTime();

    private JdbcDemo(PrintStream out, ServerPool pool, QueryLoad load) {
        this.out = out;
        this.pool = pool;
        this.load = load;
    }

    /**
     * Runs the demonstration.
     *
     * @param out where the figures go
     * @return whether only queries that were under way failed, and both servers served in the end
     * @throws IOException if PostgreSQL does not start
     * @throws InterruptedException if the thread is interrupted
     */
    public static boolean run(PrintStream out) throws IOException, InterruptedException {
        out.println("starting two PostgreSQL servers, each with its own data");
        out.flush();
        try (PostgresServer one = PostgresServer.start();
                PostgresServer two = PostgresServer.start();
                ServerPool pool = Databases.alike("orders-db", Databases.ANSWERS_QUERIES, one.server(), two.server());
                BalancedSocketFactory sockets = BalancedSocketFactory.of(pool);
                StickySocketFactory.Registration registered = Databases.register(sockets);
                HikariDataSource database = Databases.dataSource(sockets.name(), CONNECTIONS);
                QueryLoad load = new QueryLoad(database, RATE)) {
            pool.addListener(Databases.connectingAnew(database));
            boolean held = new JdbcDemo(out, pool, load).play(one);
            out.println(held ? "all of it held" : "NOT ALL OF IT HELD");
            return held && registered != null;
        }
    }

    private boolean play(PostgresServer victim) throws IOException, InterruptedException {
        int port = victim.server().port();
        show("both serve", 3);
        victim.kill();
        long dead = System.nanoTime();
        show("killed " + port, ONE_SERVER_SECONDS);
        victim.comeBack();
        long back = System.nanoTime();
        show("back " + port, BOTH_SERVERS_SECONDS);
        boolean bothServe = Patience.until(() -> load.answeredSince(back).size() == 2);
        load.close();

        List<QueryLoad.Query> failed =
                load.ended().stream().filter(q -> !q.failure().isEmpty()).toList();
        List<QueryLoad.Query> late =
                failed.stream().filter(q -> q.start() - dead > 0).toList();
        out.printf(
                "%d queries, %d failed, of which %d began after the kill; since the return %s%n",
                load.ended().size(), failed.size(), late.size(), load.answeredSince(back));
        late.forEach(q -> out.printf(
                "began %d ms after the kill: %s%n", TimeUnit.NANOSECONDS.toMillis(q.start() - dead), q.failure()));
        return late.isEmpty() && failed.size() <= CONNECTIONS && bothServe;
    }

    /** A line a second. */
    private void show(String what, int seconds) throws InterruptedException {
        for (int i = 0; i < seconds; i++) {
            long since = System.nanoTime();
            TimeUnit.SECONDS.sleep(1);
            out.printf(
                    "%3d s  %-14s connections %s  queries in the last second %s%n",
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
                    i == 0 ? what : "",
                    new TreeMap<>(Databases.spread(pool)),
                    load.answeredSince(since));
            out.flush();
        }
    }
}
