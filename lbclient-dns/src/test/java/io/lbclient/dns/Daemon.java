package io.lbclient.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** A DNS server from the system, on a free port of the loopback interface. */
final class Daemon implements AutoCloseable {
    private final List<String> command;
    private final Path log;
    private final int port;
    private @Nullable Process process;

    private Daemon(List<String> command, Path log, int port) {
        this.command = command;
        this.log = log;
        this.port = port;
    }

    /** The program's place; skips the test if it is not installed. */
    static String program(String name) {
        Optional<Path> found = Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin")
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(found.isPresent(), name + " is not installed; scripts/install-test-servers installs it");
        return found.get().toString();
    }

    static Daemon start(Path log, int port, String probe, String... command) throws IOException {
        Daemon daemon = new Daemon(List.of(command), log, port);
        daemon.start(probe);
        return daemon;
    }

    /** Starts it, and returns when it answers for a name that has an address or a zone: it may listen before it has read them. */
    void start(String probe) throws IOException {
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        process = started;
        SimpleResolver resolver = new SimpleResolver(address());
        resolver.setTimeout(Duration.ofSeconds(1));
        Message question = Message.newQuery(Record.newRecord(Name.fromString(probe), Type.A, DClass.IN));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!serves(resolver, question)) {
            assertThat(started.isAlive() && System.nanoTime() - end < 0)
                    .as(Files.readString(log))
                    .isTrue();
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static boolean serves(SimpleResolver resolver, Message question) {
        try {
            return resolver.send(question).getRcode() == Rcode.NOERROR;
        } catch (IOException e) {
            return false;
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            assertThat(running.destroyForcibly().waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** SIGHUP. */
    void reload() throws IOException, InterruptedException {
        Process running = process;
        assertThat(running).isNotNull();
        assertThat(new ProcessBuilder("kill", "-HUP", Long.toString(running.pid()))
                        .start()
                        .waitFor(30, TimeUnit.SECONDS))
                .isTrue();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
