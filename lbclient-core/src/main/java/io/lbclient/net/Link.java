package io.lbclient.net;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;

/** One end of a connection to be: what {@link Race} connects. Closing it from another thread ends a connect. */
interface Link extends Closeable {
    void connect(InetSocketAddress address, int timeoutMillis) throws IOException;

    /** Makes the links of one race; what it throws is this side's failure, not a server's. */
    @FunctionalInterface
    interface Source {
        Link open() throws IOException;
    }
}
