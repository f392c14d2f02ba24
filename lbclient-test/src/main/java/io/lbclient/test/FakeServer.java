package io.lbclient.test;

import io.lbclient.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 server on a real socket of the loopback interface, which behaves as badly as a test wants it to.
 *
 * <pre>{@code
 * try (FakeServer server = FakeServer.start()) {
 *   server.answers(FakeAnswer.status(500));      // from now on
 *   server.hangs();                              // takes requests, and never answers them
 *   server.refuses();                            // no connection comes about any more
 *   server.restart();                            // on the same port, and answers 200 again
 * }
 * }</pre>
 *
 * <p>What is set holds for requests that come later; those that hang go on hanging until the server refuses or is
 * closed. Connections are kept alive. Safe for use by many threads; its own are daemons.
 */
public final class FakeServer implements AutoCloseable {
    private static final int BACKLOG = 128;

    /** Below those that systems give to outgoing connections: none of these must have the port when the server restarts. */
    private static final int FIRST_PORT = 20_000;

    private static final int LAST_PORT = 32_000;
    private static final int PORTS_TRIED = 100;

    private final InetSocketAddress address;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<FakeConnection> open = ConcurrentHashMap.newKeySet();
    private volatile Reaction reaction = Reaction.GOOD;
    private volatile @Nullable ServerSocket listening;
    private volatile @Nullable Thread accepting;

    /** What becomes of a request. */
    enum Manner {
        ANSWER,
        HANG,
        RESET
    }

    /** What becomes of a request, and the answer if there is one. */
    record Reaction(Manner manner, FakeAnswer answer) {
        static final Reaction GOOD = new Reaction(Manner.ANSWER, FakeAnswer.status(200));
    }

    private FakeServer(ServerSocket socket) {
        address = new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
        accept(socket);
    }

    /**
     * Starts a server that answers every request with 200 and an empty body.
     *
     * @return the server, on a port of its own, usually one of 20 000 to 31 999
     * @throws UncheckedIOException if there is no free port
     */
    public static FakeServer start() {
        for (int i = 0; i < PORTS_TRIED; i++) {
            try {
                return new FakeServer(bind(loopback(ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT))));
            } catch (UncheckedIOException e) {
                // Somebody has that port.
            }
        }
        return new FakeServer(bind(loopback(0)));
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static ServerSocket bind(InetSocketAddress where) {
        try {
            ServerSocket socket = new ServerSocket();
            // Connections of the time before a restart must not keep the port.
            socket.setReuseAddress(true);
            socket.bind(where, BACKLOG);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException("binding " + where, e);
        }
    }

    private void accept(ServerSocket socket) {
        listening = socket;
        accepting = daemon("accepts", () -> {
            while (!socket.isClosed()) {
                try {
                    serve(socket.accept(), socket);
                } catch (IOException e) {
                    // Closed, which ends the loop; or the client was gone before it was accepted.
                }
            }
        });
    }

    private void serve(Socket socket, ServerSocket of) throws IOException {
        FakeConnection connection = new FakeConnection(this, socket);
        open.add(connection);
        // A connection may still come about while the socket is being closed.
        if (of.isClosed()) {
            connection.close();
            return;
        }
        connections.incrementAndGet();
        daemon("serves", connection);
    }

    private Thread daemon(String what, Runnable task) {
        Thread thread = new Thread(task, this + " " + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Called by a connection with each request. */
    Reaction request() {
        requests.incrementAndGet();
        return reaction;
    }

    void ended(FakeConnection connection) {
        open.remove(connection);
    }

    /**
     * Sets how requests are answered from now on.
     *
     * @param next the answer
     * @return this server
     */
    public FakeServer answers(FakeAnswer next) {
        return reacts(Manner.ANSWER, next);
    }

    private FakeServer reacts(Manner manner, FakeAnswer answer) {
        reaction = new Reaction(manner, answer);
        return this;
    }

    /**
     * Takes requests from now on and never answers them.
     *
     * @return this server
     */
    public FakeServer hangs() {
        return reacts(Manner.HANG, FakeAnswer.status(503));
    }

    /**
     * Resets the connection of each request from now on (RST), in place of an answer.
     *
     * @return this server
     */
    public FakeServer resets() {
        return reacts(Manner.RESET, FakeAnswer.status(503));
    }

    /**
     * Stops listening, and closes all connections: from now on none comes about.
     *
     * @return this server
     */
    public FakeServer refuses() {
        ServerSocket socket = listening;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException("closing " + this, e);
            }
            listening = null;
            awaitNoMoreAccepting();
        }
        open.forEach(FakeConnection::close);
        return this;
    }

    /** Until the thread has left the system call, the system goes on making connections. */
    private void awaitNoMoreAccepting() {
        Thread thread = accepting;
        if (thread != null) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Listens again, on the same port as before, and answers as a new server does. Connections of the time before are
     * closed.
     *
     * @return this server
     * @throws UncheckedIOException if something else has taken the port
     */
    public FakeServer restart() {
        refuses();
        reaction = Reaction.GOOD;
        accept(bind(address));
        return this;
    }

    /**
     * Returns the server as a pool is given it.
     *
     * @return a server with the address and the port
     */
    public Server server() {
        return Server.of(address.getAddress().getHostAddress(), address.getPort());
    }

    /**
     * Returns the port.
     *
     * @return the port, the same for as long as this object lives
     */
    public int port() {
        return address.getPort();
    }

    /**
     * Returns a URI of this server.
     *
     * @param path the path, with a slash at its beginning
     * @return the URI
     */
    public URI uri(String path) {
        return URI.create("http://" + address.getAddress().getHostAddress() + ":" + port() + path);
    }

    /**
     * Returns how many requests it took, those that were never answered included.
     *
     * @return the requests so far
     */
    public int requests() {
        return requests.get();
    }

    /**
     * Returns how many connections it accepted.
     *
     * @return the connections so far
     */
    public int connections() {
        return connections.get();
    }

    /** Refuses, for good. */
    @Override
    public void close() {
        refuses();
    }

    @Override
    public String toString() {
        return "FakeServer at " + address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
