package io.lbclient.net;

import io.lbclient.net.ConnectionListener.Ending;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Cleaner;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A socket whose {@link #connect} picks the server. */
final class BalancedSocket extends DelegatingSocket {
    /** Closes what was connected and forgotten, as the JDK does for its own sockets; else it would be in flight for ever. */
    private static final Cleaner CLEANER = Cleaner.create();

    private final Route route;
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.UNCONNECTED);
    private volatile @Nullable Streams streams;

    BalancedSocket(Route route) {
        this.route = route;
    }

    /** Says which factory's pool an address stands for. */
    @FunctionalInterface
    interface Route {
        BalancedSocketFactory to(SocketAddress endpoint) throws IOException;
    }

    /** How far it is, with what must be ended when it is closed at that stage. */
    private static final class Stage {
        static final Stage UNCONNECTED = new Stage(null, null);
        static final Stage CLOSED = new Stage(null, null);

        final @Nullable Race race;
        final @Nullable Connection connection;

        Stage(@Nullable Race race, @Nullable Connection connection) {
            this.race = race;
            this.connection = connection;
        }
    }

    private record Streams(InputStream in, OutputStream out) {}

    private record SocketLink(Socket socket) implements Link {
        @Override
        public void connect(InetSocketAddress address, int timeoutMillis) throws IOException {
            socket.connect(address, timeoutMillis);
            Link.refuseItself(socket);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
        connect(endpoint, 0);
    }

    @Override
    public void connect(@Nullable SocketAddress endpoint, int timeout) throws IOException {
        if (endpoint == null) {
            throw new IllegalArgumentException("connect: The address can't be null");
        }
        if (timeout < 0) {
            throw new IllegalArgumentException("connect: timeout can't be negative");
        }
        if (!(endpoint instanceof InetSocketAddress)) {
            throw new IllegalArgumentException("Unsupported address type");
        }
        BalancedSocketFactory factory = route.to(endpoint);
        Dialer dialer = factory.dialer();
        Race race = new Race(dialer, new Sockets(), endpoint, dialer.deadline(timeout), !hasPortOfItsOwn());
        Stage connecting = new Stage(race, null);
        if (!stage.compareAndSet(Stage.UNCONNECTED, connecting)) {
            throw new SocketException(isClosed() ? "Socket is closed" : "already connected");
        }
        Race.Leg leg;
        try {
            leg = race.run();
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
        Socket socket = ((SocketLink) leg.link()).socket();
        Connection connection = factory.connections().add(leg.approach().attempt, socket);
        try {
            connected(socket, connection);
        } catch (IOException e) {
            // Closed at this very moment, by its user or by a drain.
            connection.close(Ending.CLOSED);
            close();
            throw e;
        }
        if (!stage.compareAndSet(connecting, new Stage(null, connection))) {
            connection.close(Ending.CLOSED);
            throw new SocketException("Socket closed");
        }
    }

    private void connected(Socket socket, Connection connection) throws IOException {
        streams = new Streams(
                new CountedInput(socket.getInputStream(), connection, this),
                new CountedOutput(socket.getOutputStream(), connection, this));
        delegateTo(socket);
        CLEANER.register(this, new Forgotten(connection));
    }

    /** Must not hold on to the socket, or nobody would ever be able to forget it. */
    private record Forgotten(Connection connection) implements Runnable {
        @Override
        public void run() {
            try {
                connection.close(Ending.ABANDONED);
            } catch (IOException e) {
                // Nobody is left who could be told.
                return;
            }
        }
    }

    /** The sockets of one race: the first one is the one that the user has set up. */
    private final class Sockets implements Link.Source {
        private boolean used;

        // Called by one thread at a time, under a lock of the race.
        @Override
        public Link open() throws IOException {
            Socket socket = used ? likeThis() : delegate();
            used = true;
            // Has the system make it: in JDK 17, one that is closed while its connect makes it goes on connecting.
            var unused = socket.getSoTimeout();
            return new SocketLink(socket);
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        Streams connected = connectedStreams();
        if (isInputShutdown()) {
            throw new SocketException("Socket input is shutdown");
        }
        return connected.in;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        Streams connected = connectedStreams();
        if (isOutputShutdown()) {
            throw new SocketException("Socket output is shutdown");
        }
        return connected.out;
    }

    private Streams connectedStreams() throws SocketException {
        if (isClosed()) {
            throw new SocketException("Socket is closed");
        }
        Streams connected = streams;
        if (connected == null) {
            throw new SocketException("Socket is not connected");
        }
        return connected;
    }

    @Override
    public boolean isConnected() {
        return streams != null;
    }

    @Override
    public boolean isClosed() {
        return stage.get() == Stage.CLOSED || (streams != null && delegate().isClosed());
    }

    @Override
    @SuppressWarnings(
            "UnsynchronizedOverridesSynchronized") // one step of the stage, and no monitor for virtual threads
    public void close() throws IOException {
        Stage before = stage.getAndSet(Stage.CLOSED);
        if (before.race != null) {
            before.race.abort();
        }
        if (before.connection != null) {
            before.connection.close(Ending.CLOSED);
        }
        delegate().close();
    }

    @Override
    public String toString() {
        return "balanced " + delegate();
    }
}
