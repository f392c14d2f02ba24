package io.lbclient.okhttp;

import io.lbclient.Server;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands between a client and a server, and can let what is connected fall silent: nothing is forwarded any more, either
 * way, and no socket is closed. So it looks to both when a host has vanished, or a firewall has forgotten a connection.
 */
final class Relay implements AutoCloseable {
    private final ServerSocket listener;
    private final int port;
    private final List<Link> links = new CopyOnWriteArrayList<>();

    Relay(int serverPort) throws IOException {
        port = serverPort;
        listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        start("accept", this::accept);
    }

    private static void start(String what, Runnable task) {
        Thread thread = new Thread(task, "relay, " + what);
        thread.setDaemon(true);
        thread.start();
    }

    Server asServer(String id) {
        return Server.of("127.0.0.1", listener.getLocalPort()).withId(id);
    }

    /** Of the connections that there are; later ones are forwarded. */
    void silence() {
        links.forEach(link -> link.silent = true);
    }

    /** Each of the connections that there are ends when the client sends something more. */
    void endAtNextRequest() {
        links.forEach(link -> link.ending = true);
    }

    /** How many connections there have been. */
    int connections() {
        return links.size();
    }

    /** Whether the client has closed its end of each connection that fell silent. */
    boolean silentOnesAreClosed() {
        return links.stream().filter(link -> link.silent).allMatch(link -> link.closedByClient);
    }

    private void accept() {
        try {
            while (true) {
                Link link = new Link(listener.accept(), new Socket(InetAddress.getByName("127.0.0.1"), port));
                links.add(link);
                start("to the server", link::toServer);
                start("to the client", link::toClient);
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Link link : links) {
            link.client.close();
            link.server.close();
        }
    }

    private static final class Link {
        private final Socket client;
        private final Socket server;
        private volatile boolean silent;
        private volatile boolean ending;
        private volatile boolean closedByClient;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void toServer() {
            pump(client, server);
            closedByClient = true;
            end(server);
        }

        void toClient() {
            pump(server, client);
            end(client);
        }

        /** What comes from a silent connection is read and lost, so that nobody notices by a full buffer. */
        private void pump(Socket from, Socket to) {
            byte[] block = new byte[8192];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int n = in.read(block); n >= 0; n = in.read(block)) {
                    if (ending && from == client) {
                        from.shutdownOutput();
                        return;
                    }
                    if (!silent) {
                        out.write(block, 0, n);
                    }
                }
            } catch (IOException broken) {
                // Either end has closed.
            }
        }

        private void end(Socket other) {
            try {
                // To the client a silent connection stays open whatever the server does.
                if (!silent || other == server) {
                    other.close();
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
