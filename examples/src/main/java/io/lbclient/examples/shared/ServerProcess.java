package io.lbclient.examples.shared;

import io.lbclient.Server;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server of a {@link Fleet} in a process of its own, on a port that it keeps. Its class has a main method that takes its
 * name, its port and further arguments, begins with {@link Lifeline#watch} and ends with {@link Lifeline#hold()}.
 */
public final class ServerProcess {
    private static final long END_SECONDS = 15;

    private final Class<?> program;
    private final String name;
    private final List<String> arguments;
    private int port;
    private @Nullable Process process;

    ServerProcess(Class<?> program, String name, List<String> arguments) {
        this.program = program;
        this.name = name;
        this.arguments = arguments;
    }

    /** Begins the process, or begins it again; it listens when {@link #await} returns. */
    void begin() throws IOException {
        if (process != null) {
            end();
        } else {
            port = Ports.take();
        }
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                // Without it the JDK's HTTP server takes 40 ms for every answer on a kept connection.
                "-Dsun.net.httpserver.nodelay=true",
                // It starts fast, and leaves the machine to the traffic.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx64m",
                // Standard output is for the word that it listens, and two processes must not write to one file.
                "-Dlogback.configurationFile=demo-logback.xml",
                "-Ddemo.log=" + System.getProperty("demo.log", "demo.log") + "." + name,
                "-cp",
                System.getProperty("java.class.path"),
                program.getName(),
                name,
                Integer.toString(port)));
        command.addAll(arguments);
        process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    }

    private Process process() {
        Process begun = process;
        if (begun == null) {
            throw new IllegalStateException(name + " was not begun");
        }
        return begun;
    }

    /** Waits until it listens. */
    Server await() throws IOException {
        // Not closed: it belongs to the process, and a closed pipe would be an error in the server.
        BufferedReader out = process().inputReader(StandardCharsets.US_ASCII);
        String line = out.readLine();
        if (line == null || !line.equals(Lifeline.LISTENING)) {
            kill();
            throw new IOException(name + ": the server process did not start; its first line was: " + line);
        }
        return server();
    }

    /**
     * Returns the server as a pool is to know it: under its name, so that it is the same one after it comes back.
     *
     * @return the server
     */
    public Server server() {
        return Server.of("127.0.0.1", port).withId(name);
    }

    /**
     * Tells it something.
     *
     * @param line one line
     * @throws IOException if it is gone
     */
    public void tell(String line) throws IOException {
        process().getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        process().getOutputStream().flush();
    }

    /** Ends the process with SIGKILL, without waiting: no goodbye to anybody. */
    public void kill() {
        process().destroyForcibly();
    }

    /** Waits until the process is gone. */
    public void awaitEnd() {
        boolean interrupted = Thread.interrupted();
        try {
            if (!process().waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("demo: process " + process().pid() + " of " + name + " did not end");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills the process and waits until it is gone. */
    public void end() {
        kill();
        awaitEnd();
    }
}
