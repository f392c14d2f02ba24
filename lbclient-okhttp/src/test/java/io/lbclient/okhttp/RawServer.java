package io.lbclient.okhttp;

import io.lbclient.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A server of bare sockets, which can misbehave in ways that a real one would not let a test choose. */
final class RawServer implements AutoCloseable {
    /** What happens on one connection. */
    interface Script {
        void run(Connection connection) throws IOException;
    }

    final AtomicInteger accepted = new AtomicInteger();
    final List<String> requests = new CopyOnWriteArrayList<>();
    private final ServerSocket listener;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "raw-server");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> accepting;

    RawServer(Script script) throws IOException {
        this(0, script);
    }

    RawServer(int port, Script script) throws IOException {
        listener = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
        accepting = CompletableFuture.runAsync(() -> accept(script), threads);
    }

    private void accept(Script script) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                int number = accepted.incrementAndGet();
                open.add(socket);
                threads.execute(() -> {
                    try (socket) {
                        script.run(new Connection(socket, number));
                    } catch (IOException e) {
                        // The client went away, or the test is over.
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    Server asServer(String name) {
        return Server.of("127.0.0.1", listener.getLocalPort()).withId(name);
    }

    int port() {
        return listener.getLocalPort();
    }

    int hits() {
        return requests.size();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        // Until its thread is back, the kernel may still take connections, which nobody would ever answer.
        accepting.join();
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }

    final class Connection {
        final Socket socket;
        /** 1 for the first connection of the server. */
        final int number;

        private final BufferedReader in;

        private Connection(Socket socket, int number) throws IOException {
            this.socket = socket;
            this.number = number;
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        }

        /** Reads one whole request, notes it, and returns its first line; null at the end of the stream. */
        String read() throws IOException {
            String first = in.readLine();
            if (first == null) {
                return null;
            }
            int length = 0;
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                    length = Integer.parseInt(line.substring(15).trim());
                }
            }
            for (int i = 0; i < length; i++) {
                if (in.read() < 0) {
                    return null;
                }
            }
            requests.add(first);
            return first;
        }

        void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
        }

        void ok(String body) throws IOException {
            write("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        }

        /** Ends the connection with a TCP reset rather than a farewell. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
