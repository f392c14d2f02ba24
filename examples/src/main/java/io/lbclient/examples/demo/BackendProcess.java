package io.lbclient.examples.demo;

import io.lbclient.Server;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** A {@link BackendServer} in its process, seen from the demo. */
final class BackendProcess implements AutoCloseable {
    private static final long END_SECONDS = 10;

    private final String name;
    private final int port;
    private final Process process;

    private BackendProcess(String name, int port, Process process) {
        this.name = name;
        this.port = port;
        this.process = process;
    }

    /**
     * Starts a process and returns when it listens; port 0 lets it choose.
     *
     * @param launched is given the process at once, for whoever must end it if it never comes to listen
     */
    static BackendProcess start(String name, int port, int delayMicros, Consumer<Process> launched) throws IOException {
        String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
        Process process = new ProcessBuilder(List.of(
                        java,
                        // Without it the JDK's server takes 40 ms for every answer on a kept connection.
                        "-Dsun.net.httpserver.nodelay=true",
                        // It starts fast, and leaves the machine to the traffic.
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BackendServer.class.getName(),
                        name,
                        Integer.toString(port),
                        Integer.toString(delayMicros)))
                .redirectError(Redirect.INHERIT)
                .start();
        launched.accept(process);
        try {
            return new BackendProcess(name, portOf(process), process);
        } catch (IOException e) {
            process.destroyForcibly();
            throw new IOException(name + ": the server process did not start: " + e.getMessage(), e);
        }
    }

    private static int portOf(Process process) throws IOException {
        // Not closed: it belongs to the process, and a closed pipe would be an error in the server.
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        if (line == null || !line.startsWith(BackendServer.LISTENING)) {
            throw new IOException("its first line was: " + line);
        }
        return Integer.parseInt(line.substring(BackendServer.LISTENING.length()));
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    /** The server as the pool is to know it: under its name, so that it is the same one after it comes back. */
    Server server() {
        return Server.of("127.0.0.1", port).withId(name);
    }

    /** Lets every further answer take this long. */
    void delay(OkHttpClient control, int micros) throws IOException {
        HttpUrl url = new HttpUrl.Builder()
                .scheme("http")
                .host("127.0.0.1")
                .port(port)
                .addPathSegment("control")
                .addQueryParameter("delayMicros", Integer.toString(micros))
                .build();
        Request request = new Request.Builder().url(url).post(RequestBody.EMPTY).build();
        try (Response response = control.newCall(request).execute()) {
            if (!response.isSuccessful()) {
                throw new IOException(name + ": control request answered with " + response.code());
            }
        }
    }

    /** Ends the process with SIGKILL: no goodbye to anybody. */
    void kill() {
        process.destroyForcibly();
    }

    /** Kills the process and waits until it is gone. */
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
