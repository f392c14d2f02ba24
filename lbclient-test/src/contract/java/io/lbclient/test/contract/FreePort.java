package io.lbclient.test.contract;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** A port for a server that is started later, or is killed and starts again. */
public final class FreePort {
    /** Below those that Linux gives to outgoing connections: one of these must not sit there when the server comes back. */
    private static final int FIRST = 20_000;

    private static final int LAST = 32_000;

    private FreePort() {}

    /** Returns one that is free for TCP and for UDP on the loopback interface. */
    public static int find() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        while (true) {
            int candidate = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            try (ServerSocket tcp = new ServerSocket(candidate, 1, loopback);
                    DatagramSocket udp = new DatagramSocket(new InetSocketAddress(loopback, candidate))) {
                return candidate;
            } catch (BindException e) {
                // Somebody has it.
            }
        }
    }
}
