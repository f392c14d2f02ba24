package io.lbclient.health;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A real server on a loopback port that gives every request the same bytes for an answer, or none at all. */
final class CannedServer implements AutoCloseable {
    private final ServerSocket listener;
    private final @Nullable String answer;
    final BlockingQueue<List<String>> requests = new LinkedBlockingQueue<>();
    /** One for each connection that was made. */
    final BlockingQueue<Boolean> connections = new LinkedBlockingQueue<>();
    /** One for each connection whose other end was closed. */
    final BlockingQueue<Boolean> hangUps = new LinkedBlockingQueue<>();

    private CannedServer(ServerSocket listener, @Nullable String answer) {
        this.listener = listener;
        this.answer = answer;
        Thread thread = new Thread(this::acceptAll, "canned-server");
        thread.setDaemon(true);
        thread.start();
    }

    static CannedServer answering(String answer) throws IOException {
        return over(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), answer);
    }

    static CannedServer silent() throws IOException {
        return over(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), null);
    }

    static CannedServer over(ServerSocket listener, @Nullable String answer) {
        return new CannedServer(listener, answer);
    }

    int port() {
        return listener.getLocalPort();
    }

    List<String> request() throws InterruptedException {
        List<String> request = requests.poll(60, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("no request came");
        }
        return request;
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                connections.add(true);
                Thread thread = new Thread(() -> serve(socket), "canned-connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                // Closed: the loop ends.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            List<String> head = new ArrayList<>();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                head.add(line);
            }
            requests.add(head);
            if (answer != null) {
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().flush();
                return;
            }
            while (in.read() >= 0) {
                // Until the other end gives up.
            }
            hangUps.add(true);
        } catch (IOException e) {
            hangUps.add(true);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
