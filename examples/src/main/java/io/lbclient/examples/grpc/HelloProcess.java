package io.lbclient.examples.grpc;

import io.lbclient.Server;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link HelloServer} in its process, seen from the demonstration. */
final class HelloProcess implements AutoCloseable {
    private static final long END_SECONDS = 15;

    final String name;
    private int port;
    private Process process;

    HelloProcess(String name) throws IOException {
        this.name = name;
        this.process = begin(name, 0);
        this.port = portOf(process);
    }

    private static Process begin(String name, int port) throws IOException {
        return new ProcessBuilder(List.of(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        // Standard output is for the port, and two processes must not write to one file.
                        "-Dlogback.configurationFile=demo-logback.xml",
                        "-Ddemo.log=" + System.getProperty("demo.log", "demo.log") + "." + name,
                        "-cp",
                        System.getProperty("java.class.path"),
                        HelloServer.class.getName(),
                        name,
                        Integer.toString(port)))
                .redirectError(Redirect.DISCARD)
                .start();
    }

    private static int portOf(Process process) throws IOException {
        // Not closed: it belongs to the process, and a closed pipe would be an error in the server.
        BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
        String line = out.readLine();
        if (line == null || !line.startsWith(HelloServer.LISTENING)) {
            process.destroyForcibly();
            throw new IOException("a server process did not start; its first line was: " + line);
        }
        return Integer.parseInt(line.substring(HelloServer.LISTENING.length()));
    }

    Server server() {
        return Server.of("127.0.0.1", port).withId(name);
    }

    /** Ends the process with SIGKILL: no goodbye to anybody. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Ends it as a deployment does. */
    void stop() throws IOException, InterruptedException {
        process.getOutputStream().write((HelloServer.STOP + "\n").getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
        awaitEnd();
    }

    private void awaitEnd() throws InterruptedException {
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("process " + process.pid() + " of " + name + " did not end");
        }
    }

    /** Starts it again, on the port that it had; it listens when this returns. */
    void revive() throws IOException {
        process = begin(name, port);
        port = portOf(process);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
