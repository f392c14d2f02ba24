package io.lbclient.okhttp;

import io.lbclient.Server;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Connection;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one server, and how many calls are using it, so that it can be closed when its server has left.
 *
 * <p>OkHttp has no way to drop the idle connections of one address: its pool drops all or none. It does notice a closed
 * socket before it uses a connection again. So the socket is closed, by whoever finds that nobody uses it.
 */
final class Link {
    /** In place of the number of calls, once the socket is being closed; so far below zero that no call counts up to it. */
    private static final int CLOSED = Integer.MIN_VALUE / 2;

    final ServerPin pin;
    /** The server that has the address now: it may get another id while the connection lives. */
    private volatile Server server;

    private final Connection connection;
    private final Connections home;
    private final AtomicInteger users = new AtomicInteger();
    /** Since when its server is gone, as the one who cuts it will know it; null while it has not left. */
    private volatile @Nullable Object departure;

    private volatile boolean cut;

    Link(ServerPin pin, Connection connection, Connections home) {
        this.pin = pin;
        this.server = pin.server();
        this.connection = connection;
        this.home = home;
    }

    boolean isOf(Connection other) {
        return connection == other;
    }

    /** Notes that the server left; a later leaving takes the place of an earlier one. */
    void departed(Object since) {
        departure = since;
    }

    /**
     * Begins the use by a call. Returns false if the connection was closed in the moment between its choice and this: then
     * it is certain that nothing can be sent over it any more, and that nothing of this call has been.
     */
    boolean enter() {
        if (users.incrementAndGet() > 0) {
            return true;
        }
        // Whoever closes it may not have come to that yet, and the request is about to be written.
        close();
        return false;
    }

    /** Ends the use by a call. */
    void leave() {
        if (users.decrementAndGet() == 0 && !served()) {
            closeIfIdle();
        }
    }

    private boolean served() {
        Server now = home.serving(server);
        if (now == null) {
            return false;
        }
        if (!now.id().equals(server.id())) {
            server = now;
        }
        return true;
    }

    /** Closes the connection unless a call is using it. */
    void closeIfIdle() {
        if (users.compareAndSet(0, CLOSED)) {
            home.forget(this);
            close();
        }
    }

    /** Closes the connection under those who use it, unless the server has left anew: their time is over. */
    void cut(Object since) {
        if (departure == since) {
            cut = true;
            users.set(CLOSED);
            home.forget(this);
            close();
        }
    }

    /** Returns whether the connection was closed under those who used it. */
    boolean isCut() {
        return cut;
    }

    private void close() {
        try {
            connection.socket().close();
        } catch (IOException e) {
            // Over TLS a goodbye is sent, to a server that may be gone.
            return;
        }
    }
}
