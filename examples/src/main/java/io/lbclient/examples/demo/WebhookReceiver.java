package io.lbclient.examples.demo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/** What stands for the pager of the person on duty: a real HTTP server on loopback that takes the notifier's messages. */
final class WebhookReceiver implements AutoCloseable {
    private static final int OK = 204;
    private static final int BAD = 400;

    private final Recording recording;
    private final HttpServer http;
    private final List<Told> told = new CopyOnWriteArrayList<>();

    /**
     * One event of a message.
     *
     * @param atNanos when it came
     * @param event its kind, such as {@code server_out}
     * @param server the server's name; empty if it is about the whole pool
     * @param text for a person
     */
    record Told(long atNanos, String event, String server, String text) {}

    WebhookReceiver(Recording recording) throws IOException {
        this.recording = recording;
        this.http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/hook", this::take);
        http.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/hook");
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            try {
                read(body);
            } catch (IOException e) {
                recording.event("webhook", "got what it does not understand: " + e.getMessage());
                exchange.sendResponseHeaders(BAD, -1);
                return;
            }
            exchange.sendResponseHeaders(OK, -1);
        }
    }

    private void read(byte[] body) throws IOException {
        try (JsonParser json = new JsonFactory().createParser(body)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                boolean events = token == JsonToken.START_ARRAY && "events".equals(json.currentName());
                while (events && json.nextToken() == JsonToken.START_OBJECT) {
                    Told event = event(json);
                    told.add(event);
                    recording.event("webhook", event.text());
                }
            }
        }
    }

    private Told event(JsonParser json) throws IOException {
        String event = "";
        String server = "";
        String text = "";
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            if (field.equals("server")) {
                server = id(json);
            } else if (field.equals("event")) {
                event = json.getText();
            } else if (field.equals("text")) {
                text = json.getText();
            } else if (value.isStructStart()) {
                json.skipChildren();
            }
        }
        return new Told(recording.now(), event, server, text);
    }

    private static String id(JsonParser json) throws IOException {
        String id = "";
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            if (field.equals("id")) {
                id = json.getText();
            }
        }
        return id;
    }

    List<Told> told() {
        return List.copyOf(told);
    }

    /** How long after a time a kind of event was first told, of a server or, if that is empty, of the pool. */
    OptionalLong firstTold(String event, String server, long from, long to) {
        return told.stream()
                .filter(one -> one.event().equals(event) && one.server().equals(server))
                .mapToLong(Told::atNanos)
                .filter(at -> at >= from && at < to)
                .map(at -> at - from)
                .findFirst();
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
