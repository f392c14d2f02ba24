package io.lbclient.examples.resilience;

import io.lbclient.Server;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link FaultyServer} in its process, seen from the demonstration. */
final class FaultyProcess implements AutoCloseable {
    private static final long END_SECONDS = 10;

    private final String name;
    private int port;
    private Process process;

    FaultyProcess(String name) throws IOException {
        this.name = name;
        this.process = begin(0);
        this.port = portOf(process);
    }

    private static Process begin(int port) throws IOException {
        return new ProcessBuilder(List.of(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FaultyServer.class.getName(),
                        Integer.toString(port)))
                .redirectError(Redirect.INHERIT)
                .start();
    }

    private static int portOf(Process process) throws IOException {
        // Not closed: it belongs to the process, and a closed pipe would be an error in the server.
        BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
        String line = out.readLine();
        if (line == null || !line.startsWith(FaultyServer.LISTENING)) {
            process.destroyForcibly();
            throw new IOException("a server process did not start; its first line was: " + line);
        }
        return Integer.parseInt(line.substring(FaultyServer.LISTENING.length()));
    }

    Server server() {
        return Server.of("127.0.0.1", port).withId(name);
    }

    void fault(Fault fault) throws IOException {
        process.getOutputStream().write((fault.name() + "\n").getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    /** Ends the process with SIGKILL: no goodbye to anybody. */
    void kill() {
        process.destroyForcibly();
    }

    /** Starts it again, on the port that it had. */
    void revive() throws IOException {
        close();
        process = begin(port);
        port = portOf(process);
    }

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
