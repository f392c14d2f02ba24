package io.lbclient.net;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.Ticker;
import io.lbclient.internal.Checks;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One flow of datagrams to one server; from {@link BalancedDatagram#flow}.
 *
 * <p>Safe for use by many threads; of two that receive at once, each gets one packet or the other.
 */
public final class DatagramFlow implements AutoCloseable {
    private final Attempt attempt;
    private final Ticker ticker;
    private final DatagramSocket socket;
    private final Predicate<byte[]> replyCheck;
    private final int maxReply;
    // One question at a time: a reply does not say what it is a reply to.
    private final ReentrantLock asking = new ReentrantLock();
    // The timeout is a setting of the socket, so it must stay as one receiver has set it until that one has its packet.
    private final ReentrantLock receiving = new ReentrantLock();
    private final Consumer<DatagramFlow> ended;
    private volatile long lastUse;

    private DatagramFlow(
            Attempt attempt,
            Ticker ticker,
            DatagramSocket socket,
            Predicate<byte[]> replyCheck,
            int maxReply,
            Consumer<DatagramFlow> ended) {
        this.attempt = attempt;
        this.ticker = ticker;
        this.socket = socket;
        this.replyCheck = replyCheck;
        this.maxReply = maxReply;
        this.ended = ended;
        lastUse = ticker.read();
    }

    static DatagramFlow open(
            Attempt attempt, Ticker ticker, Predicate<byte[]> replyCheck, int maxReply, Consumer<DatagramFlow> ended)
            throws IOException {
        try {
            DatagramSocket socket = connected(Dialer.addresses(attempt.server()));
            return new DatagramFlow(attempt, ticker, socket, replyCheck, maxReply, ended);
        } catch (UnknownHostException e) {
            attempt.complete(Outcome.CONNECT_FAILURE);
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            attempt.close();
            throw e;
        }
    }

    /** The first address that this machine has a way to. */
    private static DatagramSocket connected(Deque<InetSocketAddress> addresses) throws IOException {
        while (true) {
            DatagramSocket socket = new DatagramSocket(null);
            try {
                // Connected, or the kernel would not say that the port is unreachable.
                socket.connect(addresses.remove());
                return socket;
            } catch (IOException e) {
                socket.close();
                if (addresses.isEmpty()) {
                    throw e;
                }
            } catch (RuntimeException | Error e) {
                socket.close();
                throw e;
            }
        }
    }

    Attempt attempt() {
        return attempt;
    }

    long lastUse() {
        return lastUse;
    }

    /**
     * Returns the server that the flow goes to.
     *
     * @return the server
     */
    public Server server() {
        return attempt.server();
    }

    /**
     * Returns whether the flow has ended.
     *
     * @return true if nothing can be sent or received any more
     */
    public boolean isClosed() {
        return socket.isClosed();
    }

    /**
     * Sends a packet.
     *
     * @param packet the bytes, sent as one datagram
     * @throws PortUnreachableException if the server's machine said that nobody listens there; then the flow has ended
     * @throws IOException if it cannot be sent
     */
    public void send(byte[] packet) throws IOException {
        lastUse = ticker.read();
        try {
            socket.send(new DatagramPacket(packet, packet.length));
        } catch (PortUnreachableException e) {
            end(Outcome.CONNECT_FAILURE);
            throw e;
        } catch (IOException e) {
            endIfClosed();
            throw e;
        }
    }

    /** A virtual thread that is interrupted closes its socket, and nobody else would end what is in flight. */
    private void endIfClosed() {
        if (socket.isClosed()) {
            close();
        }
    }

    /**
     * Receives a packet.
     *
     * @param timeout how long to wait, greater than zero
     * @return the packet, which has passed the reply check
     * @throws SocketTimeoutException if none came; then the flow has ended
     * @throws PortUnreachableException if the server's machine said that nobody listens there; then the flow has ended
     * @throws IOException if the packet is too long or did not pass the reply check, and then the flow has ended; or if
     *     the flow was closed
     * @throws IllegalArgumentException if the timeout is not greater than zero, or is more than 24 days
     */
    public byte[] receive(Duration timeout) throws IOException {
        long millis =
                Math.max(1, Checks.positive("timeout", timeout, Dialer.LONGEST).toMillis());
        DatagramPacket packet = new DatagramPacket(new byte[maxReply + 1], maxReply + 1);
        try {
            receive(packet, (int) millis);
        } catch (SocketTimeoutException e) {
            end(Outcome.TIMEOUT);
            throw e;
        } catch (PortUnreachableException e) {
            end(Outcome.CONNECT_FAILURE);
            throw e;
        } catch (IOException e) {
            endIfClosed();
            throw e;
        }
        lastUse = ticker.read();
        if (packet.getLength() > maxReply) {
            end(Outcome.FAILURE);
            throw new IOException("a reply from " + server().id() + " is longer than " + maxReply + " bytes");
        }
        byte[] reply = Arrays.copyOf(packet.getData(), packet.getLength());
        if (!passes(replyCheck, reply)) {
            end(Outcome.FAILURE);
            throw new IOException("a reply from " + server().id() + " did not pass the reply check");
        }
        attempt.established();
        return reply;
    }

    private void receive(DatagramPacket packet, int millis) throws IOException {
        receiving.lock();
        try {
            socket.setSoTimeout(millis);
            socket.receive(packet);
        } finally {
            receiving.unlock();
        }
    }

    private boolean passes(Predicate<byte[]> check, byte[] reply) {
        try {
            return check.test(reply);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    byte[] ask(byte[] question, Duration timeout, BiPredicate<byte[], byte[]> replyTo) throws IOException {
        asking.lock();
        try {
            send(question);
            long deadline = ticker.read() + timeout.toNanos();
            for (long left = timeout.toNanos(); left > 0; left = deadline - ticker.read()) {
                byte[] reply = receive(Duration.ofNanos(left));
                if (passes(candidate -> replyTo.test(question, candidate), reply)) {
                    return reply;
                }
            }
            end(Outcome.TIMEOUT);
            throw new SocketTimeoutException("only replies to other questions came from " + server().id());
        } finally {
            asking.unlock();
        }
    }

    private void end(Outcome verdict) {
        attempt.complete(verdict);
        socket.close();
        ended.accept(this);
    }

    /** Ends the flow, and what is in flight with it. */
    @Override
    public void close() {
        end(Outcome.CANCELLED);
    }

    @Override
    public String toString() {
        return "datagrams to " + server().id();
    }
}
