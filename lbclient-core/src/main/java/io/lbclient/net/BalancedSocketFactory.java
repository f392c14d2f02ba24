package io.lbclient.net;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.PoolView;
import io.lbclient.RequestView;
import io.lbclient.ServerPool;
import io.lbclient.internal.Checks;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A socket factory whose sockets connect to a server of a pool, whatever address they are told: for every client that
 * takes a {@link SocketFactory}.
 *
 * <pre>{@code
 * SocketFactory sockets = BalancedSocketFactory.of(pool);
 * Socket socket = sockets.createSocket("orders-db", 5432); // a name for humans and for TLS; the pool decides
 * }</pre>
 *
 * <p>A socket picks its server when it is connected. If a server refuses, the next one is tried at once; if it is silent
 * for the {@linkplain Builder#startDelay start delay}, the next one is tried beside it, and whichever is first gets the
 * connection. The addresses of one server take turns in the same way, IPv4 and IPv6 alternating. From its pick until it is
 * closed, the connection is in flight to its server; the time that connecting took is the server's latency.
 *
 * <p>In all else such a socket is a plain one of the JDK, with the same options, timeouts and half-closing;
 * {@link Socket#getChannel} returns null, as for those. TLS is layered over a connected one with
 * {@code SSLSocketFactory.createSocket(socket, "orders-db", 5432, true)} and checks the name given there.
 *
 * <p>Safe for use by many threads. The factory's threads are daemons that end when they are idle.
 */
public final class BalancedSocketFactory extends ConnectingFactory implements AutoCloseable {
    private final Dialer dialer;
    private final Connections connections;

    private BalancedSocketFactory(Builder settings) {
        dialer = new Dialer(settings);
        connections = new Connections(settings, dialer);
    }

    /**
     * Returns a factory with the defaults.
     *
     * @param pool the servers
     * @return the factory
     */
    public static BalancedSocketFactory of(ServerPool pool) {
        return builder(pool).build();
    }

    /**
     * Begins a factory.
     *
     * @param pool the servers
     * @return a builder with the defaults
     */
    public static Builder builder(ServerPool pool) {
        return new Builder(pool);
    }

    Dialer dialer() {
        return dialer;
    }

    Connections connections() {
        return connections;
    }

    /**
     * Returns the pool's name.
     *
     * @return the name
     */
    public String name() {
        return dialer.name;
    }

    /**
     * Returns how many connections that this factory made are open.
     *
     * @return the count, over all servers
     */
    public int openConnections() {
        return connections.count();
    }

    /**
     * Returns a socket that is not connected; its {@code connect} picks the server and takes any internet address,
     * resolved or not.
     *
     * @return the socket
     */
    @Override
    public Socket createSocket() {
        return new BalancedSocket(endpoint -> this);
    }

    /**
     * Connects a channel, for users of {@code java.nio}. It blocks until a server has taken the connection.
     *
     * @param logical what is to be reached; only {@link Builder#request} sees it
     * @return the channel, in blocking mode; close it, not what {@link BalancedSocketChannel#channel} returns
     * @throws IOException if no server took the connection within the connect timeout
     */
    public BalancedSocketChannel openChannel(SocketAddress logical) throws IOException {
        return BalancedSocketChannel.open(dialer, connections, logical);
    }

    /**
     * Connects anything else: goes from server to server until a function of the caller's does not throw. One at a time,
     * because what is connected here could not be ended from outside.
     *
     * @param logical what is to be reached; only {@link Builder#request} sees it
     * @param connect connects to one server, in the caller's thread
     * @return the attempt, {@linkplain Attempt#established established}; it is in flight until it is completed, which the
     *     caller does when the connection is closed
     * @throws IOException if no server took the connection, and then the last failure
     * @throws NoServerAvailableException if no server may be picked
     */
    public Attempt connect(SocketAddress logical, Connect connect) throws IOException {
        long deadline = dialer.deadline(0);
        Attempt attempt = dialer.pick(logical);
        while (true) {
            try {
                connect.to(attempt, dialer.millisUntil(deadline));
                attempt.established();
                return attempt;
            } catch (IOException e) {
                boolean interrupted = Race.isInterrupt(e);
                attempt.complete(interrupted ? Outcome.CANCELLED : Approach.outcome(e));
                boolean late = dialer.ticker.read() - deadline >= 0;
                Attempt next = interrupted || late ? null : dialer.another(attempt);
                if (next == null) {
                    throw e;
                }
                attempt = next;
            } catch (RuntimeException | Error e) {
                attempt.close();
                throw e;
            }
        }
    }

    /**
     * Ends what the factory does of its own accord: closing connections that drain or are old, and starting a second
     * connect beside a silent one. Its sockets, those to come included, go on working; the pool stays open.
     */
    @Override
    public void close() {
        connections.close();
        dialer.close();
    }

    @Override
    public String toString() {
        return "sockets to " + dialer.name;
    }

    /** Connects to one server; a function of the user's. */
    @FunctionalInterface
    public interface Connect {
        /**
         * Connects, or throws.
         *
         * @param attempt the attempt, with the server to connect to
         * @param timeoutMillis how long it may take, at least 1
         * @throws IOException if the server did not take the connection; a {@link java.net.SocketTimeoutException} counts
         *     as a timeout, any other as a connect failure
         */
        void to(Attempt attempt, int timeoutMillis) throws IOException;
    }

    /** Collects the settings; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        final ServerPool pool;
        Duration startDelay = Duration.ofMillis(250);
        Duration connectTimeout = Duration.ofSeconds(10);
        int maxServers = 3;
        Duration quietTime = Duration.ofSeconds(1);
        boolean closeUnhealthy;
        ConnectionListener listener = ConnectionListener.NONE;
        Function<? super SocketAddress, ? extends RequestView> request = logical -> RequestView.EMPTY;

        @Nullable PoolView view;

        @Nullable Duration maxAge;

        @Nullable Duration drainAfter;

        @Nullable ScheduledExecutorService scheduler;

        private Builder(ServerPool pool) {
            this.pool = pool;
        }

        /**
         * Sets which part of the pool is picked from. Default: all of it.
         *
         * @param part a view of the same pool
         * @return this builder
         */
        public Builder view(PoolView part) {
            view = part;
            return this;
        }

        /**
         * Sets how long a connect may be silent before the next one is started beside it. Default: 250 ms, as RFC 8305
         * recommends.
         *
         * @param time greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder startDelay(Duration time) {
            startDelay = Checks.positive("startDelay", time, Dialer.LONGEST);
            return this;
        }

        /**
         * Sets how long a connect may take, all servers together, where the caller names no timeout. Default: 10 s. The
         * time that the resolver takes for a server's name cannot be bounded.
         *
         * @param time greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder connectTimeout(Duration time) {
            connectTimeout = Checks.positive("connectTimeout", time, Dialer.LONGEST);
            return this;
        }

        /**
         * Sets how many servers one connect tries at most. Every one after the first is paid from the pool's retry
         * budget. Default: 3.
         *
         * @param servers at least 1
         * @return this builder
         * @throws IllegalArgumentException if it is less
         */
        public Builder maxServers(int servers) {
            maxServers = Checks.atLeast("maxServers", servers, 1);
            return this;
        }

        /**
         * Sets an age after which a connection is closed as soon as it looks idle, so that the clients above connect
         * anew and the load follows a pool that has grown. Up to a fifth of it is taken off at random. Default: none.
         *
         * @param age greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder maxAge(Duration age) {
            maxAge = Checks.positive("maxAge", age, Dialer.LONGEST);
            return this;
        }

        /**
         * Sets how long after its server began to drain, or left the pool, a connection is closed as soon as it looks
         * idle. Default: never, connections live until their users close them.
         *
         * @param time at least zero
         * @return this builder
         * @throws IllegalArgumentException if it is negative
         */
        public Builder drainAfter(Duration time) {
            drainAfter = Checks.notNegative("drainAfter", time, Dialer.LONGEST);
            return this;
        }

        /**
         * Sets when a connection looks idle: it has carried nothing for this long, and what it carried last came from
         * the server, so that no answer is outstanding. A transaction that its program has left open looks idle too:
         * the time should be longer than programs think between two statements. Default: 1 s.
         *
         * @param time greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder quietTime(Duration time) {
            quietTime = Checks.positive("quietTime", time, Dialer.LONGEST);
            return this;
        }

        /**
         * Sets whether all connections to a server are closed at once when an active check has taken it out: a database
         * that is no longer the primary, a peer that is gone without having said so. Default: false.
         *
         * @param close true if so
         * @return this builder
         */
        public Builder closeUnhealthy(boolean close) {
            closeUnhealthy = close;
            return this;
        }

        /**
         * Sets what the strategy may read of a connection to be, for hashing and stickiness. Default: nothing.
         *
         * @param view makes the view from the address that the socket was told to connect to; it must not block
         * @return this builder
         */
        public Builder request(Function<? super SocketAddress, ? extends RequestView> view) {
            request = view;
            return this;
        }

        /**
         * Sets who is told of connections and their bytes. Default: nobody.
         *
         * @param told the listener
         * @return this builder
         */
        public Builder listener(ConnectionListener told) {
            listener = told;
            return this;
        }

        /**
         * Sets what measures delays and ages. Default: a daemon thread of the factory's own, which ends when it is idle.
         *
         * @param service the scheduler; the factory does not shut it down
         * @return this builder
         */
        public Builder scheduler(ScheduledExecutorService service) {
            scheduler = service;
            return this;
        }

        /**
         * Builds the factory.
         *
         * @return the factory
         */
        public BalancedSocketFactory build() {
            return new BalancedSocketFactory(this);
        }
    }
}
