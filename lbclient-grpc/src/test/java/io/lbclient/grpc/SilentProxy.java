package io.lbclient.grpc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes bytes on until it is told to swallow them: the connections of then stay open, and nobody hears anything any
 * more. Later connections work, so that a client that reconnects at once does not have to be outrun.
 */
final class SilentProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    final AtomicInteger accepted = new AtomicInteger();
    final AtomicInteger closedByClient = new AtomicInteger();
    private volatile int silenced;

    SilentProxy(int target) throws IOException {
        this.target = target;
        listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        daemon(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    void silence() {
        silenced = accepted.get();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "silent-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                int number = accepted.incrementAndGet();
                Socket server = new Socket("127.0.0.1", target);
                sockets.add(client);
                sockets.add(server);
                daemon(() -> {
                    pass(number, client, server);
                    closedByClient.incrementAndGet();
                });
                daemon(() -> pass(number, server, client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void pass(int number, Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (number > silenced) {
                    out.write(buffer, 0, read);
                    out.flush();
                }
            }
        } catch (IOException e) {
            // One of the two has closed it.
        }
    }

    /** The end of all connections, without a goodbye of HTTP/2 and without a reset, and of new ones. */
    void end() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.shutdownOutput();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
