package io.lbclient.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.test.contract.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A ZooKeeper server in a process of its own, which can be killed like any other. */
final class ZooKeeperProcess implements AutoCloseable {
    private final Path folder;
    private final int port;
    private @Nullable Process process;

    ZooKeeperProcess(Path folder) throws IOException {
        this.folder = folder;
        port = FreePort.find();
        Files.writeString(folder.resolve("zoo.cfg"), """
                dataDir=%s
                clientPort=%d
                clientPortAddress=127.0.0.1
                tickTime=1000
                maxSessionTimeout=60000
                admin.enableServer=false
                """.formatted(folder.resolve("data"), port));
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    void start() throws IOException {
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                        folder.resolve("zoo.cfg").toString()))
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!serves()) {
            assertThat(process.isAlive() && System.nanoTime() - end < 0)
                    .as(Files.readString(folder.resolve("log")))
                    .isTrue();
            LockSupport.parkNanos(50_000_000);
        }
    }

    /** It listens before it serves, and a client that comes in between is not answered, which takes that client a minute. */
    private boolean serves() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            socket.setSoTimeout(1_000);
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.startsWith("Zookeeper version");
        } catch (IOException e) {
            return false;
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            assertThat(running.destroyForcibly().waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
