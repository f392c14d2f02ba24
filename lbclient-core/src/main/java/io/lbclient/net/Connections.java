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

    private final Dialer dialer;
    private final ServerPool pool;
    private final @Nullable Duration maxAge;
    private final @Nullable Duration drainAfter;
    private final long quietNanos;
    private final boolean closeUnhealthy;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    // The ids of servers that are to lose their connections: those that drain, and those that are no longer in the
    // pool.
    private final Set<String> draining = ConcurrentHashMap.newKeySet();
    private final Set<String> removed = ConcurrentHashMap.newKeySet();

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
                    .forEach(server -> leave(server.server(), draining));
        }
    }

    private boolean watches() {
        return drainAfter != null || closeUnhealthy;
    }

    Connection add(Attempt attempt, Closeable socket) {
        Connection connection = new Connection(this, attempt, socket, dialer.ticker.read());
        open.add(connection);
        if (maxAge != null) {
            long age = (long) (maxAge.toNanos() * (1 - JITTER * connection.random()));
            connection.ageWith(dialer.later(() -> retire(connection, Ending.AGED), age));
        }
        // It may have been picked before the drain and connected after it.
        if (drainAfter != null && isLeaving(connection.server())) {
            dialer.run(() -> retire(connection, Ending.DRAINED), drainAfter.toNanos());
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
                    if (!connection.isOpen() || (why == Ending.DRAINED && !isLeaving(connection.server()))) {
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
        return draining.contains(server.id()) || removed.contains(server.id());
    }

    @Override
    public void serverRemoved(String name, Server server) {
        // Servers come and go for ever: only those with connections are worth remembering.
        removed.removeIf(id -> open.stream().noneMatch(c -> c.server().id().equals(id)));
        draining.remove(server.id());
        leave(server, removed);
    }

    @Override
    public void serverAdded(String name, Server server) {
        removed.remove(server.id());
    }

    @Override
    public void healthChanged(HealthChange change) {
        if (change.to() == HealthState.DRAINING) {
            leave(change.server(), draining);
        } else {
            draining.remove(change.server().id());
        }
        if (closeUnhealthy && change.raised() && change.cause() == HealthCause.ACTIVE_CHECK) {
            of(change.server()).forEach(connection -> close(connection, Ending.UNHEALTHY));
        }
    }

    private void leave(Server server, Set<String> as) {
        if (drainAfter != null && as.add(server.id())) {
            dialer.run(() -> of(server).forEach(c -> retire(c, Ending.DRAINED)), drainAfter.toNanos());
        }
    }

    private Iterable<Connection> of(Server server) {
        return () ->
                open.stream().filter(c -> c.server().id().equals(server.id())).iterator();
    }

    @Override
    public void close() {
        if (watches()) {
            pool.removeListener(this);
        }
    }
}
