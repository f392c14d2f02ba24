package io.lbclient.net;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lbclient.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** An echo server in a network namespace of its own, whose packets can be dropped (Linux, as root). */
final class Namespace implements AutoCloseable {
    // Of this process alone: another build may run on the same machine.
    private static final long NUMBER = ProcessHandle.current().pid();
    private static final String SUBNET = "10.213." + NUMBER % 250 + ".";
    private static final String HERE = SUBNET + "1";
    private static final String THERE = SUBNET + "2";
    private static final String NAME = "lbclient-" + NUMBER;
    private static final String LINK = "lbt" + NUMBER % 1_000_000;

    private final Process server;
    private final int port;

    private Namespace(Process server, int port) {
        this.server = server;
        this.port = port;
    }

    /** Skips the test, and says why, where this is not possible. */
    static Namespace create() throws IOException {
        assumeTrue(
                succeeds("ip netns add " + NAME),
                "network namespaces are not allowed here, or there is no ip: run scripts/install-test-servers as root");
        boolean firewall = succeeds("ip netns exec " + NAME + " iptables -L -n");
        if (!firewall) {
            succeeds("ip netns del " + NAME);
        }
        assumeTrue(firewall, "iptables is not installed: run scripts/install-test-servers");
        try {
            must("ip link add " + LINK + "a type veth peer name " + LINK + "b netns " + NAME);
            must("ip addr add " + HERE + "/30 dev " + LINK + "a");
            must("ip link set " + LINK + "a up");
            must("ip -n " + NAME + " addr add " + THERE + "/30 dev " + LINK + "b");
            must("ip -n " + NAME + " link set " + LINK + "b up");
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            Process server = new ProcessBuilder(
                            "ip",
                            "netns",
                            "exec",
                            NAME,
                            java,
                            "-Xmx64m",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Namespace.class.getName(),
                            THERE)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String port = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return new Namespace(server, Integer.parseInt(port));
        } catch (IOException | RuntimeException e) {
            succeeds("ip netns del " + NAME);
            throw e;
        }
    }

    Server server() {
        return Server.of(THERE, port);
    }

    /** From now on nothing that is sent there arrives. */
    void dropEverything() throws IOException {
        must("ip netns exec " + NAME + " iptables -A INPUT -p tcp -j DROP");
    }

    void dropNothing() throws IOException {
        must("ip netns exec " + NAME + " iptables -F INPUT");
    }

    private static void must(String command) throws IOException {
        if (!succeeds(command)) {
            throw new IOException(command + " failed");
        }
    }

    private static boolean succeeds(String command) {
        try {
            Process process = new ProcessBuilder(command.split(" "))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The server: echoes until its standard input ends, which is when the test does. */
    public static void main(String[] args) throws IOException {
        ServerSocket listening = new ServerSocket(0, 512, InetAddress.getByName(args[0]));
        System.out.println(listening.getLocalPort());
        Thread accepting = new Thread(() -> {
            while (true) {
                try {
                    Socket socket = listening.accept();
                    Thread echo = new Thread(() -> echo(socket));
                    echo.setDaemon(true);
                    echo.start();
                } catch (IOException e) {
                    return;
                }
            }
        });
        accepting.setDaemon(true);
        accepting.start();
        while (System.in.read() >= 0) {
            continue;
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            // The other end has gone.
        }
    }

    @Override
    public void close() throws IOException {
        server.destroyForcibly();
        server.onExit().join();
        must("ip netns del " + NAME);
    }
}
