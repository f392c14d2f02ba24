package io.lbclient.net;

import io.lbclient.Attempt;
import io.lbclient.HealthCause;
import io.lbclient.HealthChange;
import io.lbclient.HealthState;
import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.net.ConnectionListener.Ending;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open connections of a factory, and when the factory ends them of its own accord. */
final class Connections implements PoolListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    /** A maximum age is made shorter by up to this part, so that connections that began together do not end together. */
    private static final double JITTER = 0.2;

    private static final int LOOKS = 4;
    /** Longer than any connect that was under way when its server was removed. */
    private static final Duration LONGEST_CONNECT = Duration.ofMinutes(10);

    private final Dialer dialer;
    private final ServerPool pool;
    private final @Nullable Duration maxAge;
    private final @Nullable Duration drainAfter;
    private final long quietNanos;
    private final boolean closeUnhealthy;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    // By id, the servers that are to lose their connections: those that drain, and those that are no longer in the
    // pool.
    private final Map<String, Departure> leaving = new ConcurrentHashMap<>();
    // By id, when an active check took a server out: what was picked before may be connected after.
    private final Map<String, Long> unhealthySince = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** One drain or removal: a second one of the same server has a time of its own. */
    private static final class Departure {
        volatile boolean removed;
        volatile long since;

        Departure(long since) {
            this.since = since;
        }
    }

    Connections(BalancedSocketFactory.Builder settings, Dialer dialer) {
        this.dialer = dialer;
        pool = settings.pool;
        maxAge = settings.maxAge;
        drainAfter = settings.drainAfter;
        quietNanos = settings.quietTime.toNanos();
        closeUnhealthy = settings.closeUnhealthy;
        if (watches()) {
            pool.addListener(this);
            // What was said before nobody told this listener.
            pool.snapshot().servers().stream()
                    .filter(server -> server.state() == HealthState.DRAINING)
                    .forEach(server -> leave(server.server()));
        }
    }

    private boolean watches() {
        return drainAfter != null || closeUnhealthy;
    }

    Connection add(Attempt attempt, Closeable socket) {
        Connection connection = new Connection(this, attempt, socket, dialer.ticker.read());
        open.add(connection);
        if (closed) {
            return connection;
        }
        if (maxAge != null) {
            long age = (long) (maxAge.toNanos() * (1 - JITTER * connection.random()));
            connection.ageWith(dialer.later(() -> retire(connection, Ending.AGED), age));
        }
        // It may have been picked before the drain, or before the check failed, and connected after it.
        if (drainAfter != null && isLeaving(connection.server())) {
            dialer.run(() -> retire(connection, Ending.DRAINED), drainAfter.toNanos());
        }
        Long unhealthy = unhealthySince.get(connection.server().id());
        if (unhealthy != null && attempt.now() - unhealthy < 0) {
            close(connection, Ending.UNHEALTHY);
        }
        return connection;
    }

    int count() {
        return open.size();
    }

    void closed(Connection connection, Ending ending, long start) {
        open.remove(connection);
        dialer.closed(
                connection.server(), ending, dialer.ticker.read() - start, connection.bytesIn(), connection.bytesOut());
    }

    /** Closes it as soon as it has been quiet for the quiet time, with no answer outstanding. */
    private void retire(Connection connection, Ending why) {
        look(connection, why, connection.bytes(), LOOKS);
    }

    /**
     * Looks several times within the quiet time. Of one long look, a pause of the whole program could take all: its threads
     * would then go on with the connection at the moment at which it is closed.
     */
    private void look(Connection connection, Ending why, long bytesBefore, int looksLeft) {
        dialer.run(
                () -> {
                    if (closed || !connection.isOpen() || (why == Ending.DRAINED && !isLeaving(connection.server()))) {
                        return;
                    }
                    if (connection.awaitsAnswer() || connection.bytes() != bytesBefore) {
                        retire(connection, why);
                    } else if (looksLeft > 1) {
                        look(connection, why, bytesBefore, looksLeft - 1);
                    } else {
                        close(connection, why);
                    }
                },
                Math.max(1, quietNanos / LOOKS));
    }

    private void close(Connection connection, Ending why) {
        try {
            connection.close(why);
        } catch (IOException e) {
            LOG.debug(
                    "{}: closing a connection to {}",
                    dialer.name,
                    connection.server().id(),
                    e);
        }
    }

    private boolean isLeaving(Server server) {
        return leaving.containsKey(server.id());
    }

    @Override
    public void serverRemoved(String name, Server server) {
        long now = dialer.ticker.read();
        // Servers come and go for ever: only those with connections, or with connects under way, are worth remembering.
        leaving.entrySet().removeIf(entry -> isForgotten(entry.getKey(), entry.getValue(), now));
        unhealthySince.remove(server.id());
        leave(server);
        Departure departure = leaving.get(server.id());
        if (departure != null) {
            departure.since = now;
            departure.removed = true;
        }
    }

    private boolean isForgotten(String id, Departure departure, long now) {
        return departure.removed
                && now - departure.since > LONGEST_CONNECT.toNanos()
                && open.stream().noneMatch(c -> c.server().id().equals(id));
    }

    @Override
    public void serverAdded(String name, Server server) {
        leaving.remove(server.id());
    }

    @Override
    public void healthChanged(HealthChange change) {
        Server server = change.server();
        if (change.to() == HealthState.DRAINING) {
            leave(server);
        } else {
            leaving.computeIfPresent(server.id(), (id, departure) -> departure.removed ? departure : null);
        }
        if (closeUnhealthy && change.cause() == HealthCause.ACTIVE_CHECK) {
            tookOut(server, change.raised());
        }
    }

    private void tookOut(Server server, boolean raised) {
        if (raised) {
            unhealthySince.put(server.id(), dialer.ticker.read());
            of(server).forEach(connection -> close(connection, Ending.UNHEALTHY));
        } else {
            unhealthySince.remove(server.id());
        }
    }

    private void leave(Server server) {
        if (drainAfter == null) {
            return;
        }
        Departure departure = new Departure(dialer.ticker.read());
        if (leaving.putIfAbsent(server.id(), departure) == null) {
            dialer.run(() -> depart(server, departure), drainAfter.toNanos());
        }
    }

    private void depart(Server server, Departure departure) {
        if (leaving.get(server.id()) == departure) {
            of(server).forEach(connection -> retire(connection, Ending.DRAINED));
        }
    }

    private Iterable<Connection> of(Server server) {
        return () ->
                open.stream().filter(c -> c.server().id().equals(server.id())).iterator();
    }

    @Override
    public void close() {
        closed = true;
        if (watches()) {
            pool.removeListener(this);
        }
    }
}
