package io.lbclient.balancer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real nginx on loopback, in a directory of its own, in front of servers of its own that answer with their port. It ends with
 * {@link #close()}.
 */
final class Nginx implements AutoCloseable {
    private static final List<String> PLACES = List.of("/usr/sbin", "/usr/local/sbin", "/usr/local/nginx/sbin");

    private final int[] servers;
    private final int port;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .build();
    private final Path directory;
    private Process process;

    private Nginx(Path directory, int[] ports) {
        this.directory = directory;
        this.port = ports[0];
        this.servers = Arrays.copyOfRange(ports, 1, ports.length);
    }

    /** Finds ports for the servers that nginx is to send requests to. Skips the test if there is no nginx. */
    static Nginx withServers(Path directory, int count) throws IOException {
        assumeTrue(binary() != null, "nginx is not installed: run scripts/install-test-servers");
        return new Nginx(directory, freePorts(count + 1));
    }

    private static Path binary() {
        String path = System.getenv("PATH") == null ? "" : System.getenv("PATH");
        return Stream.concat(Stream.of(path.split(File.pathSeparator)), PLACES.stream())
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry, "nginx"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    int serverPort(int index) {
        return servers[index];
    }

    /** Starts nginx with these upstream blocks and these locations. */
    void start(String upstreams, String locations) throws IOException {
        Files.createDirectories(directory.resolve("logs"));
        Path config = directory.resolve("nginx.conf");
        Files.writeString(config, config(upstreams, locations));
        process = new ProcessBuilder(
                        String.valueOf(binary()), "-p", directory.toString(), "-c", config.toString(), "-e", "stderr")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.txt").toFile())
                .start();
        awaitListening();
    }

    private String config(String upstreams, String locations) {
        StringBuilder text = new StringBuilder("daemon off;\nmaster_process off;\nworker_processes 1;\npid ")
                .append(directory.resolve("nginx.pid"))
                .append(";\nevents { worker_connections 512; }\nhttp {\naccess_log off;\n");
        for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
            text.append(kind)
                    .append("_temp_path ")
                    .append(directory.resolve(kind))
                    .append(";\n");
        }
        for (int server : servers) {
            text.append(
                    "server { listen 127.0.0.1:%d; location / { return 200 \"$server_port\"; } }\n".formatted(server));
        }
        return text.append(upstreams)
                .append("server {\nlisten 127.0.0.1:")
                .append(port)
                .append(";\nset_real_ip_from 127.0.0.1;\nreal_ip_header X-Real-IP;\n")
                .append(locations)
                .append("}\n}\n")
                .toString();
    }

    /** All are held until the last one is found, so that they differ. */
    private static int[] freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream().mapToInt(ServerSocket::getLocalPort).toArray();
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    /** Until nginx accepts a connection; each refused one costs a moment of waiting for its process instead of a sleep. */
    private void awaitListening() throws IOException {
        for (int attempt = 0; attempt < 400; attempt++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException refused) {
                if (ended(50)) {
                    break;
                }
            }
        }
        throw new IOException("nginx does not listen: " + Files.readString(directory.resolve("output.txt")));
    }

    private boolean ended(long millis) throws IOException {
        try {
            return process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while nginx starts", e);
        }
    }

    /** What to ask nginx for, and whom to claim to be. */
    record Query(String target, String realIp) {}

    /** Sends requests through nginx, a few at a time, and returns the port of the server that answered each one. */
    int[] send(List<Query> queries) throws Exception {
        int[] ports = new int[queries.size()];
        Deque<CompletableFuture<HttpResponse<String>>> underWay = new ArrayDeque<>();
        for (int sent = 0, answered = 0; answered < ports.length; ) {
            if (sent < ports.length && underWay.size() < 32) {
                underWay.add(client.sendAsync(request(queries.get(sent++)), HttpResponse.BodyHandlers.ofString()));
                continue;
            }
            HttpResponse<String> response = underWay.remove().get(60, TimeUnit.SECONDS);
            if (response.statusCode() != 200) {
                throw new IOException("nginx answered " + response.statusCode());
            }
            ports[answered++] = Integer.parseInt(response.body());
        }
        return ports;
    }

    private HttpRequest request(Query query) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + query.target))
                .header("X-Real-IP", query.realIp)
                .timeout(Duration.ofSeconds(60))
                .build();
    }

    @Override
    public void close() throws IOException {
        if (process != null) {
            process.destroy();
            if (!ended(10_000)) {
                process.destroyForcibly();
            }
        }
    }
}
