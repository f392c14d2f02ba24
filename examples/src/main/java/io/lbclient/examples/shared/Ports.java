package io.lbclient.examples.shared;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for servers that are killed and come back. Safe for use by many threads. */
public final class Ports {
    /**
     * Below the range from which Linux takes ports for outgoing connections. The port of a killed server must still be
     * free when the server comes back, and a client that connects to it meanwhile must not meet itself.
     */
    private static final int FIRST = 20_000;

    private static final int LAST = 32_000;
    private static final int TRIED = 100;
    private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

    private Ports() {}

    /**
     * Returns a port of the loopback that is free now, and that nobody in this program was given before.
     *
     * @return the port
     * @throws IOException if none is found
     */
    public static int take() throws IOException {
        for (int i = 0; i < TRIED; i++) {
            int candidate = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            try (ServerSocket free = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                if (TAKEN.add(free.getLocalPort())) {
                    return candidate;
                }
            } catch (BindException e) {
                // Somebody else has it.
            }
        }
        throw new BindException("no free port among " + TRIED + " from " + FIRST + " to " + LAST);
    }
}
