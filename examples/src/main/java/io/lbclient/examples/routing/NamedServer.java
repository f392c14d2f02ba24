package io.lbclient.examples.routing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lbclient.examples.shared.Lifeline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;

/**
 * An HTTP server in a process of its own that says its name in each answer. Below {@code /static} it has files that may be
 * kept for a minute and are compressed for whoever asks for it.
 */
public final class NamedServer {
    /** The header that names the server. */
    static final String NAME = "X-Server";
    /** Where it says how many requests it has had. */
    static final String COUNT = "/-/count";

    private static final int THREADS = 16;
    private static final int BACKLOG = 256;

    private final String name;
    private final AtomicLong count = new AtomicLong();

    private NamedServer(String name) {
        this.name = name;
    }

    /**
     * Serves until standard input ends.
     *
     * @param args the name; the port
     * @throws IOException if the port cannot be had
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Lifeline lifeline = Lifeline.watch();
        NamedServer named = new NamedServer(args[0]);
        HttpServer server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1])), BACKLOG);
        server.createContext("/", named::answer);
        server.createContext("/static", named::file);
        server.createContext(COUNT, named::count);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.start();
        lifeline.hold();
    }

    private void answer(HttpExchange exchange) throws IOException {
        count.incrementAndGet();
        send(exchange, exchange.getRequestURI().getPath().getBytes(StandardCharsets.UTF_8));
    }

    private void count(HttpExchange exchange) throws IOException {
        send(exchange, Long.toString(count.get()).getBytes(StandardCharsets.US_ASCII));
    }

    private void file(HttpExchange exchange) throws IOException {
        count.incrementAndGet();
        byte[] text = "body { margin: 0; padding: 0 }\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
        exchange.getResponseHeaders().set("Cache-Control", "max-age=60");
        exchange.getResponseHeaders().set("Vary", "Accept-Encoding");
        String accepted = exchange.getRequestHeaders().getFirst("Accept-Encoding");
        if (accepted != null && accepted.contains("gzip")) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            ByteArrayOutputStream compressed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
                gzip.write(text);
            }
            text = compressed.toByteArray();
        }
        send(exchange, text);
    }

    private void send(HttpExchange exchange, byte[] body) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set(NAME, name);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
