package io.lbclient.examples.shared;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
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

    private final String name;
    private volatile int delayMicros;

    private BackendServer(String name) {
        this.name = name;
    }

    /**
     * Serves until standard input ends.
     *
     * @param args the name; the port; the time that an answer takes, in microseconds
     * @throws IOException if the port cannot be had
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Lifeline lifeline = Lifeline.watch();
        BackendServer backend = new BackendServer(args[0]);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1]));
        HttpServer server = HttpServer.create(address, BACKLOG);
        server.createContext("/", backend::answer);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.start();
        warmUp(server.getAddress());
        backend.delayMicros = Integer.parseInt(args[2]);
        lifeline.hold(micros -> backend.delayMicros = Integer.parseInt(micros));
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
