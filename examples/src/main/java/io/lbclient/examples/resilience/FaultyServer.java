package io.lbclient.examples.resilience;

import io.lbclient.examples.shared.Lifeline;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * An HTTP/1.1 server in a process of its own that can be told to misbehave: each line on its standard input names a
 * {@link Fault}. It ends when its standard input does.
 *
 * <p>Made of bare sockets, since a server that is well made cannot reset a connection in the middle of a body.
 */
public final class FaultyServer {
    private static final int BACKLOG = 1024;
    private static final int BODY_LENGTH = 1000;
    private static final long WORK_NANOS = 500_000;
    private static final long TAIL_NANOS = 1_000_000_000;
    static final int TAIL_ONE_IN = 50;
    private static final byte[] BODY = "x".repeat(BODY_LENGTH).getBytes(StandardCharsets.US_ASCII);
    private static final byte[] GOOD = head("200 OK", BODY_LENGTH);
    private static final byte[] BAD = head("500 Internal Server Error", 0);

    private volatile Fault fault = Fault.NONE;

    private FaultyServer() {}

    /**
     * Serves until standard input ends.
     *
     * @param args its name; the port
     * @throws IOException if the port cannot be had
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Lifeline lifeline = Lifeline.watch();
        FaultyServer server = new FaultyServer();
        ServerSocket listener = new ServerSocket(Integer.parseInt(args[1]), BACKLOG, InetAddress.getLoopbackAddress());
        ExecutorService threads = Executors.newCachedThreadPool();
        threads.execute(() -> server.accept(listener, threads));
        lifeline.hold(fault -> server.fault = Fault.valueOf(fault));
    }

    private static byte[] head(String status, int length) {
        return ("HTTP/1.1 " + status + "\r\nContent-Length: " + length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void accept(ServerSocket listener, ExecutorService threads) {
        while (true) {
            try {
                Socket socket = listener.accept();
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            BufferedInputStream in = new BufferedInputStream(socket.getInputStream());
            while (readRequest(in)) {
                if (!answer(socket)) {
                    return;
                }
            }
        } catch (IOException e) {
            // The client went away.
        }
    }

    /** Reads to the empty line; the requests of the demonstration have no bodies. */
    private static boolean readRequest(BufferedInputStream in) throws IOException {
        int ends = 0;
        while (ends < 2) {
            int next = in.read();
            if (next < 0) {
                return false;
            }
            if (next == '\n') {
                ends++;
            } else if (next != '\r') {
                ends = 0;
            }
        }
        return true;
    }

    /** Returns whether the connection stays. */
    private boolean answer(Socket socket) throws IOException {
        Fault present = fault;
        if (present == Fault.FAILS_FAST) {
            socket.getOutputStream().write(BAD);
            return true;
        }
        if (present == Fault.SILENT) {
            while (fault == Fault.SILENT) {
                LockSupport.parkNanos(TAIL_NANOS / 10);
            }
            // Whoever still waits for this has given up.
            return false;
        }
        boolean late = present == Fault.SLOW_TAIL && ThreadLocalRandom.current().nextInt(TAIL_ONE_IN) == 0;
        LockSupport.parkNanos(WORK_NANOS + (late ? TAIL_NANOS : 0));
        if (present == Fault.CUTS) {
            socket.getOutputStream().write(GOOD);
            socket.getOutputStream().write(BODY, 0, BODY_LENGTH / 2);
            socket.setSoLinger(true, 0);
            return false;
        }
        byte[] all = new byte[GOOD.length + BODY_LENGTH];
        System.arraycopy(GOOD, 0, all, 0, GOOD.length);
        System.arraycopy(BODY, 0, all, GOOD.length, BODY_LENGTH);
        socket.getOutputStream().write(all);
        return true;
    }
}
