package io.lbclient.okhttp;

import io.lbclient.Server;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports that nobody else takes while a test counts on them. */
final class Ports {
    /** Below those that a system gives to whoever asks for any. */
    private static final int FIRST = 20_000;

    private static final int COUNT = 10_000;

    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 31 % COUNT));

    /** Open for as long as the tests run. */
    private static final List<Socket> TAKEN = new CopyOnWriteArrayList<>();

    private Ports() {}

    /** A server at a port where connections are refused: it is taken, so nobody else gets it, and nobody listens to it. */
    static Server closed(String name) throws IOException {
        Socket taken = new Socket();
        taken.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        TAKEN.add(taken);
        return Server.of("127.0.0.1", taken.getLocalPort()).withId(name);
    }

    /** A port that a server may leave and come back to: the system gives it to nobody who has not asked for this one. */
    static int reusable() throws IOException {
        while (true) {
            int port = FIRST + NEXT.getAndIncrement() % COUNT;
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return probe.getLocalPort();
            } catch (BindException taken) {
                // The next one.
            }
        }
    }
}
