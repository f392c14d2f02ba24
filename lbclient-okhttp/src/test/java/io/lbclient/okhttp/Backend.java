package io.lbclient.okhttp;

import io.lbclient.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;

/** A real HTTP server that answers with its name unless told otherwise, and remembers what it saw. */
final class Backend implements AutoCloseable {
    private static final MockResponse NOTHING_SPECIAL = new MockResponse.Builder().build();

    final String name;
    final MockWebServer server = new MockWebServer();
    final List<RecordedRequest> seen = new CopyOnWriteArrayList<>();
    private final String host;
    private final Map<Integer, Boolean> connections = new ConcurrentHashMap<>();
    private volatile MockResponse peeked = NOTHING_SPECIAL;
    private volatile Function<RecordedRequest, MockResponse> answer = request -> text(200, name());

    Backend(String name, Transport transport) {
        this(name, transport, "127.0.0.1", 0);
    }

    Backend(String name, Transport transport, String host, int port) {
        this(name, transport, host, port, null);
    }

    Backend(String name, Transport transport, String host, int port, javax.net.ssl.SSLSocketFactory certificate) {
        this.name = name;
        this.host = host;
        server.setServerSocketFactory(new PromptSockets());
        transport.serve(server);
        if (certificate != null) {
            server.useHttps(certificate);
        }
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                seen.add(request);
                connections.put(request.getConnectionIndex(), true);
                return answer.apply(request);
            }

            // Over HTTP/2 the server takes what to do to the connection from here.
            @Override
            public MockResponse peek() {
                return peeked;
            }
        });
        try {
            server.start(InetAddress.getByName(host), port);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private String name() {
        return name;
    }

    static MockResponse text(int code, String body) {
        return new MockResponse.Builder().code(code).body(body).build();
    }

    Backend answers(Function<RecordedRequest, MockResponse> next) {
        peeked = NOTHING_SPECIAL;
        answer = next;
        return this;
    }

    Backend answers(MockResponse.Builder response) {
        MockResponse built = response.build();
        answers(request -> built);
        peeked = built;
        return this;
    }

    Backend answers(int code, String body) {
        return answers(request -> text(code, body));
    }

    Server asServer() {
        return Server.of(host, port()).withId(name);
    }

    int port() {
        return server.getPort();
    }

    int hits() {
        return seen.size();
    }

    RecordedRequest last() {
        return seen.get(seen.size() - 1);
    }

    int connections() {
        return connections.size();
    }

    @Override
    public void close() {
        server.close();
    }
}
