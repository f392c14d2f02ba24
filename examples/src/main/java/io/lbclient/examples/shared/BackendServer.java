package io.lbclient.examples.shared;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A server for {@link Traffic}: HTTP on a loopback port, whose answers say who answered what, and take as many microseconds
 * as the last line on its standard input says.
 */
public final class BackendServer {
    private static final int THREADS = 64;
    private static final int WARM_UP = 300;
    private static final int BACKLOG = 1024;

    /**
     * Below the range from which Linux takes ports for outgoing connections. The port of a killed server must still be
     * free when the server comes back, and a client that connects to it meanwhile must not meet itself.
     */
    private static final int FIRST_PORT = 20_000;

    private static final int LAST_PORT = 32_000;
    private static final int PORTS_TRIED = 100;

    private final String name;
    private volatile int delayMicros;

    private BackendServer(String name) {
        this.name = name;
    }

    /**
     * Serves until standard input ends.
     *
     * @param args the name; the port, 0 for any free one; the time that an answer takes, in microseconds
     * @throws IOException if the port cannot be had
     */
    public static void main(String[] args) throws IOException {
        BackendServer backend = new BackendServer(args[0]);
        HttpServer server = listen(Integer.parseInt(args[1]));
        server.createContext("/", backend::answer);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.start();
        warmUp(server.getAddress());
        backend.delayMicros = Integer.parseInt(args[2]);
        Lifeline.hold(server.getAddress().getPort(), micros -> backend.delayMicros = Integer.parseInt(micros));
    }

    private static HttpServer listen(int port) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        if (port != 0) {
            return HttpServer.create(new InetSocketAddress(loopback, port), BACKLOG);
        }
        for (int i = 0; i < PORTS_TRIED; i++) {
            int candidate = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try {
                return HttpServer.create(new InetSocketAddress(loopback, candidate), BACKLOG);
            } catch (BindException e) {
                // Somebody else has it.
            }
        }
        throw new BindException("no free port among " + PORTS_TRIED + " from " + FIRST_PORT + " to " + LAST_PORT);
    }

    /**
     * Answers some requests of its own before anybody else's, as a service does that reports ready only when it is: a
     * fresh JVM takes a tenth of a second for its first answer.
     */
    private static void warmUp(InetSocketAddress address) throws IOException {
        URL url = new URL("http", address.getAddress().getHostAddress(), address.getPort(), "/warm-up");
        for (int i = 0; i < WARM_UP; i++) {
            try (InputStream answer = url.openStream()) {
                answer.readAllBytes();
            }
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        int mean = delayMicros;
        int micros = mean == 0 ? 0 : ThreadLocalRandom.current().nextInt(mean * 4 / 5, mean * 6 / 5 + 1);
        // The simulated work.
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(micros));
        try (exchange) {
            // No body: this kind of server writes it after the headers, and one that is killed between the two cuts an
            // answer that is already being read, which no client can ask for again.
            exchange.getResponseHeaders().set(Traffic.NAME_HEADER, name);
            exchange.getResponseHeaders()
                    .set(Traffic.PATH_HEADER, exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(200, -1);
        }
    }
}
