package io.lbclient.examples.routing;

import io.lbclient.Server;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link NamedServer} in its process, seen from the demonstration. */
final class NamedProcess implements AutoCloseable {
    private static final long END_SECONDS = 10;

    private final String name;
    private final Process process;
    private int port;

    NamedProcess(String name) throws IOException {
        this.name = name;
        process = new ProcessBuilder(List.of(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        // Without it the JDK's server takes 40 ms for every answer on a kept connection.
                        "-Dsun.net.httpserver.nodelay=true",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NamedServer.class.getName(),
                        name))
                .redirectError(Redirect.INHERIT)
                .start();
    }

    /** Waits until it listens. */
    void await() throws IOException {
        // Not closed: it belongs to the process, and a closed pipe would be an error in the server.
        BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
        String line = out.readLine();
        if (line == null || !line.startsWith(NamedServer.LISTENING)) {
            throw new IOException(name + ": the server process did not start; its first line was: " + line);
        }
        port = Integer.parseInt(line.substring(NamedServer.LISTENING.length()));
    }

    Server server() {
        return Server.of("127.0.0.1", port).withId(name);
    }

    /** How many requests it has had, as it says itself. */
    long count() throws IOException {
        try (InputStream answer = new URL("http", "127.0.0.1", port, NamedServer.COUNT).openStream()) {
            return Long.parseLong(new String(answer.readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    /** Ends the process with SIGKILL: no goodbye to anybody. */
    @Override
    public void close() {
        process.destroyForcibly();
        boolean interrupted = Thread.interrupted();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("demo: process " + process.pid() + " of " + name + " did not end");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
