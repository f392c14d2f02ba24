package io.lbclient.examples.process;

import io.lbclient.Server;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server of a demonstration in a process of its own, on a port that it keeps. Its class has a main method that takes its
 * name, its port (0 for any free one) and further arguments, and that ends with {@link Lifeline#hold(int)}.
 */
public final class ServerProcess implements AutoCloseable {
    private static final long END_SECONDS = 15;

    private final Class<?> server;
    private final String name;
    private final List<String> arguments;
    private volatile int port;
    private volatile Process process;

    private ServerProcess(Class<?> server, String name, int port, List<String> arguments) throws IOException {
        this.server = server;
        this.name = name;
        this.port = port;
        this.arguments = arguments;
        this.process = launch();
    }

    /**
     * Begins a process; it listens when {@link #await} returns.
     *
     * @param server what runs there
     * @param name its name
     * @param port its port, 0 for any free one
     * @param arguments what else it is given
     * @return the process
     * @throws IOException if it cannot be begun
     */
    public static ServerProcess begin(Class<?> server, String name, int port, String... arguments) throws IOException {
        return new ServerProcess(server, name, port, List.of(arguments));
    }

    /**
     * Begins a process on any free port, and waits until it listens.
     *
     * @param server what runs there
     * @param name its name
     * @return the process
     * @throws IOException if it does not come to listen
     */
    public static ServerProcess start(Class<?> server, String name) throws IOException {
        return begin(server, name, 0).await();
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                // Without it the JDK's HTTP server takes 40 ms for every answer on a kept connection.
                "-Dsun.net.httpserver.nodelay=true",
                // It starts fast, and leaves the machine to the traffic.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx64m",
                // Standard output is for the port, and two processes must not write to one file.
                "-Dlogback.configurationFile=demo-logback.xml",
                "-Ddemo.log=" + System.getProperty("demo.log", "demo.log") + "." + name,
                "-cp",
                System.getProperty("java.class.path"),
                server.getName(),
                name,
                Integer.toString(port)));
        command.addAll(arguments);
        return new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    }

    /**
     * Waits until it listens.
     *
     * @return this
     * @throws IOException if it ends before
     */
    public ServerProcess await() throws IOException {
        // Not closed: it belongs to the process, and a closed pipe would be an error in the server.
        BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
        String line = out.readLine();
        if (line == null || !line.startsWith(Lifeline.LISTENING)) {
            process.destroyForcibly();
            throw new IOException(name + ": the server process did not start; its first line was: " + line);
        }
        port = Integer.parseInt(line.substring(Lifeline.LISTENING.length()));
        return this;
    }

    /**
     * Returns its name.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Returns its port.
     *
     * @return the port, the same one after it was revived
     */
    public int port() {
        return port;
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
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    /** Ends the process with SIGKILL, without waiting: no goodbye to anybody. */
    public void kill() {
        process.destroyForcibly();
    }

    /** Waits until the process is gone. */
    public void awaitEnd() {
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

    /**
     * Begins it again, on the port that it had; it listens when {@link #await} returns.
     *
     * @return this
     * @throws IOException if it cannot be begun
     */
    public ServerProcess restart() throws IOException {
        close();
        process = launch();
        return this;
    }

    /** Kills the process and waits until it is gone. */
    @Override
    public void close() {
        kill();
        awaitEnd();
    }
}
