package io.lbclient.net;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.Server;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What a {@link Race} has tried at one server: one attempt, whatever the number of its addresses. */
final class Approach {
    final Attempt attempt;
    final Server server;
    final long start;
    private Deque<InetSocketAddress> rest = new ArrayDeque<>();
    private int open;
    private @Nullable IOException failure;

    Approach(Attempt attempt, long start) {
        this.attempt = attempt;
        this.server = attempt.server();
        this.start = start;
    }

    /** Looks the server's name up, before anybody else knows of this. */
    void resolve() throws UnknownHostException {
        rest = Dialer.addresses(server);
    }

    // The other methods are called with the race's lock held.

    boolean hasMore() {
        return !rest.isEmpty();
    }

    InetSocketAddress begin() {
        open++;
        return rest.remove();
    }

    void failed(IOException cause) {
        open--;
        // What one address says about the server is not unsaid by another that could not be tried.
        if (failure == null || !(cause instanceof BindException)) {
            failure = cause;
        }
    }

    /** What it says about the server that none of its addresses took the connection; null while one still may. */
    @Nullable Outcome verdict() {
        return open > 0 || hasMore() || failure == null ? null : outcome(failure);
    }

    /**
     * What it says about the server that the race is over without it. A server that was silent for longer than others are
     * given before the next one is started has had its time: it would otherwise be tried, and waited for, for ever.
     */
    Outcome verdict(long now, long patience) {
        IOException seen = failure;
        if (open > 0) {
            return now - start >= patience ? Outcome.TIMEOUT : Outcome.CANCELLED;
        }
        return seen == null ? Outcome.CANCELLED : outcome(seen);
    }

    static Outcome outcome(IOException failure) {
        // No local port is left for this destination, or no local address of its family: another may work.
        if (failure instanceof BindException) {
            return Outcome.CANCELLED;
        }
        return failure instanceof SocketTimeoutException ? Outcome.TIMEOUT : Outcome.CONNECT_FAILURE;
    }
}
