package io.lbclient.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A socket factory for drivers that make theirs from a class name: it finds a {@link BalancedSocketFactory} by name, and
 * all sockets of one such object go to one server.
 *
 * <p>PostgreSQL's driver makes one object for each database connection, and opens the connection that cancels a query
 * through the same object: it must reach the server where the query runs.
 *
 * <pre>{@code
 * StickySocketFactory.register("orders-db", BalancedSocketFactory.of(pool));
 * DriverManager.getConnection("jdbc:postgresql://orders-db/orders"
 *     + "?socketFactory=io.lbclient.net.StickySocketFactory&socketFactoryArg=orders-db");
 * }</pre>
 *
 * <p>The first socket of such an object picks its server. Later ones go to the same address for as long as the first one is
 * open: plain sockets, neither balanced nor counted. Once it is closed, the next socket picks anew. Safe for use by many
 * threads.
 */
public final class StickySocketFactory extends ConnectingFactory {
    private static final Map<String, Entry> REGISTERED = new ConcurrentHashMap<>();

    private final @Nullable String name;
    private final AtomicReference<@Nullable Socket> first = new AtomicReference<>();

    /**
     * Makes a factory that looks for the name that its first socket is told to connect to, such as the host of a JDBC
     * URL; for drivers that pass no argument.
     */
    public StickySocketFactory() {
        name = null;
    }

    /**
     * Makes a factory that looks for a name.
     *
     * @param name the name under which a factory is, or will be, registered; null, which PostgreSQL's driver passes for
     *     an argument that is not set, stands for the name that the first socket is told to connect to
     */
    public StickySocketFactory(@Nullable String name) {
        this.name = name;
    }

    /**
     * Makes a factory known under a name, to this program.
     *
     * @param name the name
     * @param factory the factory
     * @return closing it ends that; open sockets stay
     * @throws IllegalStateException if another one is registered under the name
     */
    public static Registration register(String name, BalancedSocketFactory factory) {
        Entry entry = new Entry(name, factory);
        if (REGISTERED.putIfAbsent(name, entry) != null) {
            throw new IllegalStateException(name + ": a socket factory is registered under this name already");
        }
        return entry;
    }

    /** One registration; a later one of the same factory under the same name is another. */
    private static final class Entry implements Registration {
        private final String name;
        private final BalancedSocketFactory factory;

        Entry(String name, BalancedSocketFactory factory) {
            this.name = name;
            this.factory = factory;
        }

        @Override
        public void close() {
            REGISTERED.remove(name, this);
        }
    }

    /** What stands in the register; closing it takes it out. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Returns a socket that is not connected.
     *
     * @return a balanced one; a plain one that goes where the first one went, while that is open
     */
    @Override
    public Socket createSocket() {
        Socket before = first.get();
        if (before != null && before.isConnected() && !before.isClosed()) {
            return new Redirected(before);
        }
        Socket socket = new BalancedSocket(this::found);
        first.set(socket);
        return socket;
    }

    private static final class Redirected extends Socket {
        private final SocketAddress target;

        Redirected(Socket first) {
            target = first.getRemoteSocketAddress();
        }

        @Override
        public void connect(SocketAddress endpoint) throws IOException {
            super.connect(target);
        }

        @Override
        public void connect(SocketAddress endpoint, int timeout) throws IOException {
            super.connect(target, timeout);
        }
    }

    private BalancedSocketFactory found(SocketAddress endpoint) throws IOException {
        String wanted = name;
        if (wanted == null) {
            wanted = endpoint instanceof InetSocketAddress address ? address.getHostString() : endpoint.toString();
        }
        Entry entry = REGISTERED.get(wanted);
        if (entry == null) {
            throw new IOException(wanted + ": no socket factory is registered under this name (expected: one of "
                    + REGISTERED.keySet() + ")");
        }
        return entry.factory;
    }
}
