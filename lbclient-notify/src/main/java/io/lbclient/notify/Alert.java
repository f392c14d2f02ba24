package io.lbclient.notify;

import io.lbclient.Server;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong, from the notice that fires it to the one that resolves it.
 *
 * @param key what is wrong with what
 * @param server the server, or null if the alert is about a whole pool
 * @param state the state that it began with: it stays, because a receiver knows an alert by its labels
 * @param since when it began
 */
record Alert(Key key, @Nullable Server server, String state, Instant since) {
    /**
     * What makes two alerts one.
     *
     * @param alertName what is wrong
     * @param pool in which pool
     * @param server the server's id; empty for a whole pool
     */
    record Key(String alertName, String pool, String server) {}

    static Key key(Kind kind, String pool, @Nullable Server server) {
        return new Key(kind.alertName(), pool, server == null ? "" : server.id());
    }
}
