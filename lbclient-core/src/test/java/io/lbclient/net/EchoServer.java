package io.lbclient.net;

import io.lbclient.Server;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP server on the loopback that sends back what it gets; it can be killed and come back at the same port. */
final class EchoServer implements AutoCloseable {
    private final int port;
    private final AtomicInteger accepted = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile ServerSocket listening;

    EchoServer() throws IOException {
        listening = listen(0);
        port = listening.getLocalPort();
        serve(listening);
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 512);
        return socket;
    }

    Server server() {
        return Server.of("127.0.0.1", port);
    }

    int port() {
        return port;
    }

    int accepted() {
        return accepted.get();
    }

    int open() {
        return open.size();
    }

    private void serve(ServerSocket from) {
        start("accept", () -> {
            while (!from.isClosed()) {
                try {
                    Socket socket = from.accept();
                    accepted.incrementAndGet();
                    open.add(socket);
                    if (from.isClosed()) {
                        // Killed between the two.
                        reset(socket);
                    }
                    start("echo", () -> echo(socket));
                } catch (SocketException e) {
                    return;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, "test-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void echo(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            byte[] bytes = new byte[8192];
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                socket.getOutputStream().write(bytes, 0, n);
            }
        } catch (IOException e) {
            // Killed, or the client was.
        } finally {
            open.remove(socket);
        }
    }

    /** As if the process had been killed: nothing listens, and every connection is reset. */
    void kill() throws IOException {
        listening.close();
        for (Socket socket : open) {
            reset(socket);
        }
    }

    private static void reset(Socket socket) throws IOException {
        try (socket) {
            socket.setSoLinger(true, 0);
        } catch (SocketException e) {
            // The client was faster.
        }
    }

    void comeBack() {
        Lab.await("the port is free: for a moment it may be some client's own", () -> {
            try {
                listening = listen(port);
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        serve(listening);
    }

    @Override
    public void close() throws IOException {
        kill();
    }
}
