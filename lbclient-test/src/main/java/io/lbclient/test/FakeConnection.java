package io.lbclient.test;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection to a {@link FakeServer}: reads a request, answers it, and again. */
final class FakeConnection implements Runnable {
    private final FakeServer server;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    /** Whoever waits before an answer is woken when the connection is closed. */
    private final CountDownLatch closed = new CountDownLatch(1);

    FakeConnection(FakeServer server, Socket socket) throws IOException {
        this.server = server;
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    @Override
    public void run() {
        try {
            while (closed.getCount() > 0 && readRequest()) {
                if (!react(server.request())) {
                    break;
                }
            }
        } catch (IOException e) {
            // The client has gone, or this server has closed the connection: both are what tests do.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
            server.ended(this);
        }
    }

    void close() {
        closed.countDown();
        try {
            socket.close();
        } catch (IOException e) {
            // There is nothing left that could be done with it.
        }
    }

    /** False if it is the last request on this connection. */
    private boolean react(FakeServer.Reaction reaction) throws IOException, InterruptedException {
        switch (reaction.manner()) {
            case HANG -> closed.await();
            // With what is unsent dropped, closing is a reset.
            case RESET -> socket.setSoLinger(true, 0);
            case ANSWER -> {
                return answer(reaction.answer());
            }
        }
        return false;
    }

    /** False if the connection was closed meanwhile. */
    private boolean answer(FakeAnswer answer) throws IOException, InterruptedException {
        if (closed.await(answer.delay().toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        byte[] body = answer.body().getBytes(UTF_8);
        StringBuilder head =
                new StringBuilder("HTTP/1.1 ").append(answer.status()).append(" Fake\r\n");
        answer.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        head.append("content-length: ").append(body.length).append("\r\n\r\n");
        out.write(head.toString().getBytes(ISO_8859_1));
        out.write(body);
        out.flush();
        return true;
    }

    /** False if the client has closed the connection. */
    private boolean readRequest() throws IOException {
        if (readLine() == null) {
            return false;
        }
        long length = 0;
        boolean chunked = false;
        for (String line = readLine(); line != null && !line.isEmpty(); line = readLine()) {
            String header = line.toLowerCase(Locale.ROOT);
            if (header.startsWith("content-length:")) {
                length = Long.parseLong(
                        header.substring("content-length:".length()).strip());
            }
            chunked |= header.startsWith("transfer-encoding:") && header.contains("chunked");
        }
        if (chunked) {
            skipChunks();
        } else {
            in.skipNBytes(length);
        }
        return true;
    }

    private void skipChunks() throws IOException {
        for (String size = readLine(); size != null; size = readLine()) {
            int length = Integer.parseInt(size.split(";", 2)[0].strip(), 16);
            in.skipNBytes(length);
            readLine();
            if (length == 0) {
                return;
            }
        }
    }

    private @Nullable String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return null;
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
