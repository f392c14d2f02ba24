package io.lbclient.examples.jdbc;

import io.lbclient.Server;
import io.lbclient.examples.shared.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real PostgreSQL server on the loopback: a process of its own, with its own data, that can be killed and come back. */
final class PostgresServer implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private final Path folder;
    private final int port;
    private Process process;

    private PostgresServer(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /** Starts a server with an empty database, and returns when it takes connections. */
    static PostgresServer start() throws IOException {
        return begin(create());
    }

    /** The same with a certificate and its private key, both in PEM: it takes TLS connections as well. */
    static PostgresServer startWithTls(String certificate, String key) throws IOException {
        Path folder = create();
        Path data = folder.resolve("data");
        Files.writeString(data.resolve("server.crt"), certificate);
        Path keyFile = Files.writeString(data.resolve("server.key"), key);
        Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(data.resolve("postgresql.auto.conf"), "ssl = on\n", StandardOpenOption.APPEND);
        PostgresBinaries.giveAway(folder);
        return begin(folder);
    }

    private static Path create() throws IOException {
        Path folder = PostgresBinaries.folder("lbclient-postgres-data-");
        PostgresBinaries.giveAway(folder);
        Path data = folder.resolve("data");
        PostgresBinaries.run(
                PostgresBinaries.command(
                        "initdb",
                        List.of("-D", data.toString(), "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C")),
                folder);
        return folder;
    }

    private static PostgresServer begin(Path folder) throws IOException {
        int port = Ports.take();
        PostgresServer server = new PostgresServer(folder, port, launch(folder, port));
        server.awaitReady();
        return server;
    }

    /**
     * Makes a standby that follows this server by streaming replication. This server is stopped for as long as its data
     * are copied.
     */
    PostgresServer standby() throws IOException {
        stop();
        Path copy = PostgresBinaries.folder("lbclient-postgres-data-");
        Path data = copy.resolve("data");
        PostgresBinaries.run(List.of("cp", "-a", folder.resolve("data").toString(), data.toString()), copy);
        Files.createFile(data.resolve("standby.signal"));
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=127.0.0.1 port=" + port + " user=postgres'\n",
                StandardOpenOption.APPEND);
        PostgresBinaries.giveAway(copy);
        comeBack();
        return begin(copy);
    }

    private static Process launch(Path folder, int port) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("-D", folder.resolve("data").toString(), "-p", String.valueOf(port)));
        for (String setting :
                List.of("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=60")) {
            arguments.add("-c");
            arguments.add(setting);
        }
        return new ProcessBuilder(PostgresBinaries.command("postgres", arguments))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("server.log").toFile()))
                .start();
    }

    private void awaitReady() throws IOException {
        long end = System.nanoTime() + START.toNanos();
        while (true) {
            try (Connection connection = connect()) {
                if (connection.isValid(5)) {
                    return;
                }
            } catch (SQLException e) {
                if (!process.isAlive() || System.nanoTime() - end > 0) {
                    throw new IOException("PostgreSQL does not start: " + log(), e);
                }
            }
            waitFor(20);
        }
    }

    /** Until it ends, or for some time. */
    private void waitFor(long millis) {
        try {
            if (process.waitFor(millis, TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("server.log"));
    }

    /** Returns where it listens. */
    Server server() {
        return Server.of("127.0.0.1", port);
    }

    /** Connects past every pool. */
    Connection connect() throws SQLException {
        return connect(server(), 5);
    }

    /** Connects to one server past every pool, as a health check does; so long to connect and for each answer. */
    static Connection connect(Server server, int timeoutSeconds) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://" + server.host() + ":" + server.port()
                + "/postgres?user=postgres&sslmode=disable&connectTimeout=" + timeoutSeconds + "&socketTimeout="
                + timeoutSeconds);
    }

    /** Kills it and all its processes with SIGKILL. */
    void kill() {
        Stream<ProcessHandle> children = process.descendants();
        List<ProcessHandle> all =
                Stream.concat(Stream.of(process.toHandle()), children).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(handle -> handle.onExit().join());
    }

    /** Starts it again, at the same port with the same data. */
    void comeBack() throws IOException {
        process = launch(folder, port);
        awaitReady();
    }

    private void stop() throws IOException {
        PostgresBinaries.run(
                PostgresBinaries.command(
                        "pg_ctl", List.of("-D", folder.resolve("data").toString(), "-m", "fast", "-w", "stop")),
                folder);
        waitFor(START.toMillis());
    }

    /** Makes a standby the primary. */
    void promote() throws IOException {
        PostgresBinaries.run(
                PostgresBinaries.command(
                        "pg_ctl", List.of("-D", folder.resolve("data").toString(), "-w", "promote")),
                folder);
    }

    @Override
    public void close() {
        kill();
        PostgresBinaries.delete(folder);
    }

    @Override
    public String toString() {
        return "PostgreSQL at " + server().id();
    }
}
