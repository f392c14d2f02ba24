package io.lbclient.net;

import io.lbclient.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Is told what becomes of the connections that a {@link BalancedSocketFactory} makes, for metrics and logs.
 *
 * <p>Called by many threads at once, on the threads that connect, read, write and close, and never with a lock held. It
 * must not block; what it throws is caught and logged.
 */
public interface ConnectionListener {
    /** A listener that wants to know nothing. */
    ConnectionListener NONE = new ConnectionListener() {};

    /** Why a connection ended. */
    enum Ending {
        /** Its user closed it. */
        CLOSED,
        /** It broke: the peer reset it, or the network lost it. */
        BROKEN,
        /** It looked idle, and its server is draining or has left the pool. */
        DRAINED,
        /** It looked idle, and had reached its maximum age. */
        AGED,
        /** An active check found its server bad, and the factory closes the connections of such servers. */
        UNHEALTHY,
        /** Nobody closed it, and nobody can any more: the garbage collector found its socket. */
        ABANDONED
    }

    /**
     * A connection came about.
     *
     * @param server the server
     * @param address which of the server's addresses took it
     * @param took the time from this server's own pick on; what others cost before it is not in it
     */
    default void connected(Server server, InetSocketAddress address, Duration took) {}

    /**
     * A server's address refused a connection or was silent until the timeout. Connects that were given up because
     * another server was faster are not told.
     *
     * @param server the server
     * @param address which of the server's addresses was tried
     * @param cause what failed
     */
    default void connectFailed(Server server, InetSocketAddress address, IOException cause) {}

    /**
     * A connection ended.
     *
     * @param server the server
     * @param ending why
     * @param open how long it was open
     * @param bytesIn how many bytes were read from it
     * @param bytesOut how many bytes were written to it
     */
    default void closed(Server server, Ending ending, Duration open, long bytesIn, long bytesOut) {}
}
