package io.lbclient.net;

import io.lbclient.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A port where nothing listens, and nothing else can begin to: it is taken, by a socket that goes nowhere. */
final class RefusingServer implements AutoCloseable {
    private final Socket taken = new Socket();

    RefusingServer() throws IOException {
        taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    Server server() {
        return Server.of("127.0.0.1", taken.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        taken.close();
    }
}
