package io.lbclient.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real HTTP receiver on loopback, which notes what it gets and answers as it is told, with 200 by default. */
final class Receiver implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "receiver");
        thread.setDaemon(true);
        return thread;
    });
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
    private final CountDownLatch released = new CountDownLatch(1);

    Receiver() throws IOException {
        this(0);
    }

    Receiver(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
    }

    /** The next requests are answered so, one each. */
    Receiver answers(Reply... next) {
        replies.addAll(List.of(next));
        return this;
    }

    static Reply status(int status) {
        return exchange -> exchange.sendResponseHeaders(status, -1);
    }

    /** Holds the answer back until {@link #release} or the end of the receiver. */
    Reply hang() {
        return exchange -> {
            awaitRelease();
            exchange.sendResponseHeaders(200, -1);
        };
    }

    /** Sends good headers and the beginning of a body that does not end. */
    Reply endlessBody() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("ok".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            exchange.getResponseBody().flush();
            awaitRelease();
        };
    }

    void release() {
        released.countDown();
    }

    Received next() throws InterruptedException {
        Received next = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no message came");
        }
        return next;
    }

    /** The message's events, for generic JSON. */
    List<Map<String, Object>> nextEvents() throws Exception {
        return next().events();
    }

    /** The message's alerts, for Alertmanager. */
    List<Map<String, Object>> nextAlerts() throws Exception {
        return next().alerts();
    }

    /** The message's only alert, for Alertmanager. */
    Map<String, Object> nextAlert() throws Exception {
        List<Map<String, Object>> alerts = nextAlerts();
        assertThat(alerts).hasSize(1);
        return alerts.get(0);
    }

    boolean gotNothingMore() {
        return received.isEmpty();
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Reply reply = replies.poll();
        received.add(new Received(
                exchange.getRequestMethod(), exchange.getRequestURI(), exchange.getRequestHeaders(), body));
        try {
            (reply == null ? status(200) : reply).answer(exchange);
        } finally {
            exchange.close();
        }
    }

    private void awaitRelease() {
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        release();
        server.stop(0);
        threads.shutdownNow();
    }

    interface Reply {
        void answer(HttpExchange exchange) throws IOException;
    }

    record Received(String method, URI target, Headers headers, byte[] body) {
        Object json() throws IOException {
            return Parsed.json(body);
        }

        List<Map<String, Object>> events() throws IOException {
            return Parsed.objects(Parsed.object(json()).get("events"));
        }

        List<Map<String, Object>> alerts() throws IOException {
            return Parsed.objects(json());
        }

        Map<String, Object> lost() throws IOException {
            return Parsed.object(Parsed.object(json()).get("lost"));
        }
    }
}
