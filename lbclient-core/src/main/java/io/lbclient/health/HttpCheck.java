package io.lbclient.health;

import io.lbclient.Server;
import io.lbclient.internal.Checks;
import java.io.IOException;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A health check over HTTP/1.1: one request on a connection of its own, whose status, and if asked for whose body, tell
 * how the server is. Redirects are not followed. Immutable.
 */
public final class HttpCheck implements HealthCheck {
    private final String method;
    private final String path;
    private final @Nullable String hostHeader;
    private final Map<String, String> headers;
    private final int lowestStatus;
    private final int highestStatus;
    private final @Nullable String bodyContains;
    private final int maxBodyBytes;
    private final int port;
    private final @Nullable SSLSocketFactory tls;
    private final @Nullable String tlsName;

    private HttpCheck(Builder settings) {
        method = settings.method;
        path = settings.path;
        hostHeader = settings.hostHeader;
        headers = new LinkedHashMap<>(settings.headers);
        lowestStatus = settings.lowestStatus;
        highestStatus = settings.highestStatus;
        bodyContains = settings.bodyContains;
        maxBodyBytes = settings.maxBodyBytes;
        port = settings.port;
        tls = settings.tls;
        tlsName = settings.tlsName;
    }

    /**
     * Begins a check.
     *
     * @param path the path, beginning with {@code /}, with its query if it has one; visible ASCII characters
     * @return a builder with the defaults
     * @throws IllegalArgumentException if the path is malformed
     */
    public static Builder builder(String path) {
        return new Builder(path);
    }

    @Override
    public CompletableFuture<Result> check(Server server, Executor executor) {
        int target = port == 0 ? server.port() : port;
        return SocketCheck.converse(server, executor, target, socket -> ask(server, target, socket));
    }

    private Result ask(Server server, int target, Socket plain) throws IOException {
        Socket socket = secured(server, target, plain);
        HttpExchange exchange = new HttpExchange(socket);
        exchange.send(method, path, host(server, target), headers);
        int status = exchange.readStatus();
        if (status < lowestStatus || status > highestStatus) {
            return Result.failed("HTTP status " + status);
        }
        if (bodyContains != null && !exchange.readBody(maxBodyBytes).contains(bodyContains)) {
            return Result.failed("the body does not contain the expected text");
        }
        return Result.PASSED;
    }

    /** The certificate must be one for the logical name, checked as HTTPS does: by the JDK. */
    private Socket secured(Server server, int target, Socket plain) throws IOException {
        if (tls == null) {
            return plain;
        }
        String name = tlsName == null ? server.host() : tlsName;
        SSLSocket socket = (SSLSocket) tls.createSocket(plain, name, target, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (tlsName != null) {
            parameters.setServerNames(List.of(new SNIHostName(tlsName)));
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private String host(Server server, int target) {
        if (hostHeader != null) {
            return hostHeader;
        }
        if (tlsName != null) {
            return tlsName;
        }
        String host = server.host().indexOf(':') >= 0 ? "[" + server.host() + "]" : server.host();
        return host + ":" + target;
    }

    @Override
    public String toString() {
        return method + " " + path;
    }

    /** Collects the settings; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private final String path;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private String method = "GET";
        private @Nullable String hostHeader;
        private int lowestStatus = 200;
        private int highestStatus = 299;
        private @Nullable String bodyContains;
        private int maxBodyBytes = 64 * 1024;
        private int port;
        private @Nullable SSLSocketFactory tls;
        private @Nullable String tlsName;

        private Builder(String path) {
            if (!path.startsWith("/") || !path.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
                throw Checks.rejected("path", path, "visible ASCII characters, beginning with /");
            }
            this.path = path;
        }

        /**
         * Sets the method. Default: GET.
         *
         * @param name upper-case letters, such as HEAD
         * @return this builder
         * @throws IllegalArgumentException if it is something else
         */
        public Builder method(String name) {
            if (name.isEmpty() || !name.chars().allMatch(c -> c >= 'A' && c <= 'Z')) {
                throw Checks.rejected("method", name, "upper-case letters");
            }
            method = name;
            return this;
        }

        /**
         * Sets the Host header. Default: the name given to {@link #tls(SSLSocketFactory, String)}, else the server's
         * host and port.
         *
         * @param host the header's value, visible ASCII characters
         * @return this builder
         * @throws IllegalArgumentException if it is something else
         */
        public Builder hostHeader(String host) {
            hostHeader = fieldValue("hostHeader", host);
            return this;
        }

        /**
         * Adds a header.
         *
         * @param name its name, letters, digits and hyphens
         * @param value its value, printable ASCII characters
         * @return this builder
         * @throws IllegalArgumentException if one of them is something else, or the name is one that the check sets
         */
        public Builder header(String name, String value) {
            if (!name.matches("[A-Za-z0-9-]+")
                    || List.of("host", "connection").contains(name.toLowerCase(Locale.ROOT))) {
                throw Checks.rejected("header", name, "letters, digits and hyphens; neither Host nor Connection");
            }
            headers.put(name, fieldValue(name, value));
            return this;
        }

        private static String fieldValue(String name, String value) {
            if (value.isEmpty() || !value.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
                throw Checks.rejected(name, "a value of " + value.length() + " characters", "printable ASCII");
            }
            return value;
        }

        /**
         * Sets which statuses pass. Default: 200 to 299.
         *
         * @param lowest 200 to 599
         * @param highest {@code lowest} to 599
         * @return this builder
         * @throws IllegalArgumentException if they are something else
         */
        public Builder status(int lowest, int highest) {
            lowestStatus = Checks.between("lowest", lowest, 200, 599);
            highestStatus = Checks.between("highest", highest, lowest, 599);
            return this;
        }

        /**
         * Sets a text that the body must contain. Default: the body is not read.
         *
         * @param text the text, not empty
         * @return this builder
         * @throws IllegalArgumentException if it is empty
         */
        public Builder bodyContains(String text) {
            if (text.isEmpty()) {
                throw Checks.rejected("bodyContains", "\"\"", "not empty");
            }
            bodyContains = text;
            return this;
        }

        /**
         * Sets how much of the body is read at most, in bytes. Default: 65 536.
         *
         * @param bytes 1 to 1 048 576
         * @return this builder
         * @throws IllegalArgumentException if it is something else
         */
        public Builder maxBodyBytes(int bytes) {
            maxBodyBytes = Checks.between("maxBodyBytes", bytes, 1, 1 << 20);
            return this;
        }

        /**
         * Sets the port to ask at, for servers that have one for their health. Default: the server's own.
         *
         * @param number 1 to 65535
         * @return this builder
         * @throws IllegalArgumentException if it is something else
         */
        public Builder port(int number) {
            port = Checks.between("port", number, 1, 65535);
            return this;
        }

        /**
         * Asks over TLS, with the system's trust, and checks the certificate for the server's host. Default: plain.
         *
         * @return this builder
         */
        public Builder tls() {
            tls = (SSLSocketFactory) SSLSocketFactory.getDefault();
            return this;
        }

        /**
         * Asks over TLS and checks the certificate for a logical name, which is also sent as the server name and in the
         * Host header: servers of one service usually have one certificate, for the service's name.
         *
         * @param factory makes the sockets; its trust decides
         * @param name the host name for which the certificate must be good
         * @return this builder
         * @throws IllegalArgumentException if the name is not a host name
         */
        public Builder tls(SSLSocketFactory factory, String name) {
            try {
                new SNIHostName(name);
            } catch (IllegalArgumentException e) {
                throw Checks.rejected("name", Checks.printable(name), "a host name");
            }
            tls = factory;
            tlsName = name;
            return this;
        }

        /**
         * Builds the check.
         *
         * @return the check
         * @throws IllegalArgumentException if the method is HEAD and a body is expected
         */
        public HttpCheck build() {
            if (method.equals("HEAD") && bodyContains != null) {
                throw Checks.rejected("method", method, "one whose answer has a body, for bodyContains");
            }
            return new HttpCheck(this);
        }
    }
}
