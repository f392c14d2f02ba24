package io.lbclient.net;

import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** One end of a connection to be: what {@link Race} connects. Closing it from another thread ends a connect. */
interface Link extends Closeable {
    void connect(InetSocketAddress address, int timeoutMillis) throws IOException;

    /**
     * Refuses a connection to itself: a connect to a port of this machine where nothing listens may be given that very
     * port as its own end, and then it succeeds (simultaneous open, RFC 9293 section 3.5).
     */
    static void refuseItself(Socket socket) throws IOException {
        if (socket.getLocalPort() == socket.getPort()
                && socket.getLocalAddress().equals(socket.getInetAddress())) {
            throw new ConnectException("Connection refused (the socket had connected to itself)");
        }
    }

    /** Makes the links of one race; what it throws is this side's failure, not a server's. */
    @FunctionalInterface
    interface Source {
        Link open() throws IOException;
    }
}
