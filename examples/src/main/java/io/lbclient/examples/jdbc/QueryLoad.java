package io.lbclient.examples.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/** Queries at a steady rate, each in a connection of its own from the pool; writes down what became of each. */
final class QueryLoad implements AutoCloseable {
    private static final int THREADS = 16;

    /**
     * At 50 a second ten are under way at any time. Were they short, a connection pool, which prefers the connections
     * that it used last, would ask one server for all of them.
     */
    private static final String QUERY = "select current_setting('port')::int, pg_sleep(0.2)";

    private final DataSource database;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final ConcurrentLinkedQueue<Query> ended = new ConcurrentLinkedQueue<>();
    private final ScheduledFuture<?> arrivals;
    private final AtomicLong begun = new AtomicLong();

    /** One query: when it asked for a connection and when it ended, on {@link System#nanoTime}; 0 if no port answered. */
    record Query(long start, long end, int port, String failure) {}

    QueryLoad(DataSource database, int rate) {
        this.database = database;
        long nanos = TimeUnit.SECONDS.toNanos(1) / rate;
        arrivals = clock.scheduleAtFixedRate(this::send, 0, nanos, TimeUnit.NANOSECONDS);
    }

    private void send() {
        begun.incrementAndGet();
        // From here on it is under way, whether or not a thread is free: a queue hides nothing.
        long start = System.nanoTime();
        threads.execute(() -> ended.add(run(start)));
    }

    private Query run(long start) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(QUERY);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return new Query(start, System.nanoTime(), rows.getInt(1), "");
        } catch (SQLException e) {
            return new Query(start, System.nanoTime(), 0, String.valueOf(e.getMessage()));
        }
    }

    /** What has ended so far, in the order in which it ended. */
    List<Query> ended() {
        return new ArrayList<>(ended);
    }

    /** How many queries each port answered, of those that began since a reading of {@link System#nanoTime}. */
    Map<Integer, Integer> answeredSince(long since) {
        Map<Integer, Integer> counts = new TreeMap<>();
        for (Query query : ended) {
            if (query.failure().isEmpty() && query.start() - since > 0) {
                counts.merge(query.port(), 1, Integer::sum);
            }
        }
        return counts;
    }

    /** Sends nothing more, and waits for what is under way. */
    @Override
    public void close() {
        arrivals.cancel(false);
        clock.shutdown();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("queries hang: " + (begun.get() - ended.size()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
