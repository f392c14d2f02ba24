package io.lbclient.examples.sessions;

import io.lbclient.Server;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link SessionServer} in its process, seen from the demo. */
final class SessionProcess implements AutoCloseable {
    private static final long END_SECONDS = 10;

    final String name;
    private int port;
    private Process process;

    SessionProcess(String name) throws IOException {
        this.name = name;
        process = begin(name, 0);
        port = portOf(process);
    }

    private static Process begin(String name, int port) throws IOException {
        return new ProcessBuilder(List.of(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-Dsun.net.httpserver.nodelay=true",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SessionServer.class.getName(),
                        name,
                        Integer.toString(port)))
                .redirectError(Redirect.INHERIT)
                .start();
    }

    private static int portOf(Process process) throws IOException {
        // Not closed: it belongs to the process, and a closed pipe would be an error in the server.
        String line = process.inputReader(StandardCharsets.US_ASCII).readLine();
        if (line == null || !line.startsWith(SessionServer.LISTENING)) {
            process.destroyForcibly();
            throw new IOException("a server process did not start; its first line was: " + line);
        }
        return Integer.parseInt(line.substring(SessionServer.LISTENING.length()));
    }

    Server server() {
        return Server.of("127.0.0.1", port).withId(name);
    }

    /** Starts it again, on the port that it had and without the sessions that it had. */
    void revive() throws IOException {
        process = begin(name, port);
        port = portOf(process);
    }

    /** Ends the process with SIGKILL and waits until it is gone. */
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
