package io.lbclient.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A real Redis, a process of its own on a free port of the loopback: Debian's if it is installed, else one from a jar. */
final class RedisProcess implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final Path BINARY = binary();

    final int port;
    private @Nullable Process process;

    RedisProcess() throws Exception {
        port = freePort();
        start();
    }

    String uri() {
        return "redis://127.0.0.1:" + port;
    }

    /** Below those that Linux gives to outgoing connections: none of these must have it when Redis starts again. */
    private static int freePort() throws IOException {
        while (true) {
            int candidate = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // Somebody has it.
            }
        }
    }

    private static Path binary() {
        for (String folder : (System.getenv("PATH") + ":/usr/sbin:/usr/local/bin").split(":")) {
            Path installed = Path.of(folder, "redis-server");
            if (Files.isExecutable(installed)) {
                return installed;
            }
        }
        boolean arm = System.getProperty("os.arch").contains("aarch64");
        String name = arm ? "/redis-server-6.2.7-linux-arm64" : "/redis-server-6.2.6-v5-linux-amd64";
        try (InputStream in = RedisProcess.class.getResourceAsStream(name)) {
            Path file = Files.createTempFile("redis-server", "");
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            assertThat(file.toFile().setExecutable(true)).isTrue();
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts it, empty, and waits until it answers. */
    void start() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                BINARY.toString(),
                "--port",
                String.valueOf(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no");
        builder.directory(new File(System.getProperty("java.io.tmpdir")));
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        process = builder.start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!answers()) {
            assertThat(System.nanoTime() - end).as("Redis does not answer").isNegative();
            assertThat(process.isAlive()).as("Redis has ended").isTrue();
            LockSupport.parkNanos(10_000_000);
        }
    }

    private boolean answers() {
        return "+PONG".equals(ask("PING"));
    }

    /** Asks for one line, past the library under test. */
    @Nullable String ask(String command) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            StringBuilder line = new StringBuilder();
            for (int c = socket.getInputStream().read();
                    c >= 0 && c != '\r';
                    c = socket.getInputStream().read()) {
                line.append((char) c);
            }
            return line.toString();
        } catch (IOException e) {
            return null;
        }
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Stops it from answering without ending it, or lets it go on. */
    void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Override
    public void close() throws Exception {
        kill();
    }
}
