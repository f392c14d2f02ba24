package io.lbclient.health;

import io.lbclient.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.ToIntFunction;

/** A check that connects to a server and then does more, or nothing. */
final class SocketCheck implements HealthCheck {
    private final Conversation conversation;
    private final ToIntFunction<Server> port;

    /** What is done with the connection; it blocks until the socket is closed at the latest. */
    @FunctionalInterface
    interface Conversation {
        Result hold(Socket socket) throws IOException;
    }

    SocketCheck(Conversation conversation, ToIntFunction<Server> port) {
        this.conversation = conversation;
        this.port = port;
    }

    @Override
    public CompletableFuture<Result> check(Server server, Executor executor) {
        return converse(server, executor, port.applyAsInt(server), conversation);
    }

    static CompletableFuture<Result> converse(Server server, Executor executor, int port, Conversation conversation) {
        // Made here, so that there is something to close from the first moment on.
        Socket socket = new Socket();
        try {
            // An option has the system make it: in JDK 17, one that is closed while its connect makes it goes on.
            socket.setTcpNoDelay(true);
        } catch (SocketException e) {
            // There is nothing to close: the system did not make it.
            return CompletableFuture.failedFuture(e);
        }
        return BlockingProbe.start(
                executor,
                () -> {
                    try (socket) {
                        socket.connect(new InetSocketAddress(server.host(), port));
                        return conversation.hold(socket);
                    }
                },
                socket);
    }
}
