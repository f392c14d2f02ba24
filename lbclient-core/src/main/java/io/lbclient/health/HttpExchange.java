package io.lbclient.health;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * One HTTP/1.1 request and as much of its response as a health check needs (RFC 9112). What is read is bounded, and the
 * connection is not used again, so where the response ends matters only to its body.
 */
final class HttpExchange {
    private static final int MAX_HEAD_BYTES = 32 * 1024;

    private final Socket socket;
    private final InputStream in;
    private int headBytes;
    private boolean chunked;
    private long length = -1;

    HttpExchange(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    void send(String method, String path, String host, Map<String, String> headers) throws IOException {
        StringBuilder head = new StringBuilder(method).append(' ').append(path).append(" HTTP/1.1\r\n");
        head.append("Host: ").append(host).append("\r\nConnection: close\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("\r\n");
        socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** Reads the head of the response, after those that only announce it. */
    int readStatus() throws IOException {
        int status;
        do {
            status = status(readLine());
            readHeaders();
        } while (status < 200);
        return status;
    }

    private static int status(String line) throws ProtocolException {
        if (!line.matches("HTTP/1\\.[0-9] [1-5][0-9][0-9]( .*)?")) {
            throw new ProtocolException("the answer is not HTTP/1.1");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private void readHeaders() throws IOException {
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw new ProtocolException("malformed header");
            }
            String value = line.substring(colon + 1).trim();
            switch (line.substring(0, colon).toLowerCase(Locale.ROOT)) {
                case "transfer-encoding" ->
                    chunked = value.toLowerCase(Locale.ROOT).endsWith("chunked");
                case "content-length" -> length = number(value, 10);
                default -> {
                    // Nothing that a check needs to know.
                }
            }
        }
    }

    /** The body, or as much of it as the limit allows, as text. */
    String readBody(int limit) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (!chunked) {
            copy(body, length < 0 ? limit : Math.min(limit, length), length < 0 || length > limit);
        } else {
            // From here on it bounds the lines between the chunks.
            headBytes = 0;
            long size;
            while (body.size() < limit && (size = chunkSize()) > 0) {
                long room = Math.min(limit - body.size(), size);
                copy(body, room, false);
                if (room == size) {
                    readLine();
                }
            }
        }
        return body.toString(StandardCharsets.UTF_8);
    }

    private void copy(ByteArrayOutputStream body, long count, boolean mayEnd) throws IOException {
        byte[] bytes = in.readNBytes((int) count);
        if (bytes.length < count && !mayEnd) {
            throw new ProtocolException("the body ended early");
        }
        body.writeBytes(bytes);
    }

    private long chunkSize() throws IOException {
        String line = readLine();
        int end = line.indexOf(';');
        return number((end < 0 ? line : line.substring(0, end)).trim(), 16);
    }

    private static long number(String digits, int radix) throws ProtocolException {
        // 15 digits fit a long in either radix; and no sign, which parseLong would take.
        if (!digits.matches("[0-9a-fA-F]{1,15}")) {
            throw new ProtocolException("malformed length");
        }
        try {
            return Long.parseLong(digits, radix);
        } catch (NumberFormatException e) {
            throw (ProtocolException) new ProtocolException("malformed length").initCause(e);
        }
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new ProtocolException("the connection was closed within the answer");
            }
            if (++headBytes > MAX_HEAD_BYTES) {
                throw new ProtocolException("the answer's head is longer than " + MAX_HEAD_BYTES + " bytes");
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }
}
