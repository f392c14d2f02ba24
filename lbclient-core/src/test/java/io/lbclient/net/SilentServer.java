package io.lbclient.net;

import io.lbclient.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A port that neither takes nor refuses connections: its queue is full, so the kernel drops what comes. */
final class SilentServer implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final List<SocketChannel> queue = new ArrayList<>();

    SilentServer() throws IOException {
        for (int i = 0; i < 8; i++) {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            queue.add(channel);
            channel.connect(listening.getLocalSocketAddress());
        }
        // One more than its length is what a queue holds; whoever comes after that waits for ever.
        Lab.await(
                "the queue is full",
                () -> queue.stream().filter(SilentServer::isConnected).count() >= 2);
    }

    private static boolean isConnected(SocketChannel channel) {
        try {
            return channel.finishConnect();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Server server() {
        return Server.of("127.0.0.1", listening.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (SocketChannel channel : queue) {
            channel.close();
        }
    }
}
