package io.lbclient.examples.sessions;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lbclient.examples.shared.Lifeline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server with sessions of its own, as a servlet container has them: a request without a known {@code JSESSIONID} begins
 * a session, which lives in this process and nowhere else. It answers with its name and how many requests of the session
 * it has seen. Ends when its standard input does.
 */
public final class SessionServer {
    private static final String COOKIE = "JSESSIONID=";

    private final String name;
    private final Map<String, AtomicInteger> sessions = new ConcurrentHashMap<>();

    private SessionServer(String name) {
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
        SessionServer sessions = new SessionServer(args[0]);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1]));
        HttpServer server = HttpServer.create(address, 256);
        server.createContext("/", sessions::answer);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
        lifeline.hold();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String id = idOf(exchange);
        AtomicInteger known = sessions.get(id);
        if (known == null) {
            known = new AtomicInteger();
            String fresh = UUID.randomUUID().toString();
            sessions.put(fresh, known);
            exchange.getResponseHeaders().add("Set-Cookie", COOKIE + fresh + "; Path=/; HttpOnly");
        }
        byte[] body = (name + " " + known.incrementAndGet()).getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static String idOf(HttpExchange exchange) {
        for (String header : exchange.getRequestHeaders().getOrDefault("Cookie", java.util.List.of())) {
            for (String pair : header.split("; ")) {
                if (pair.startsWith(COOKIE)) {
                    return pair.substring(COOKIE.length());
                }
            }
        }
        return "";
    }
}
