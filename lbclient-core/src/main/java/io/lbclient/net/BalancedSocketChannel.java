package io.lbclient.net;

import io.lbclient.Server;
import io.lbclient.net.ConnectionListener.Ending;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.nio.channels.SocketChannel;

/**
 * A connected channel to a server of a pool; made by {@link BalancedSocketFactory#openChannel}.
 *
 * <p>Reads and writes go through this object, which counts them; options, modes and selectors are matters of the
 * {@link #channel}. Closing this object closes the channel and ends what is in flight. As safe for use by many threads
 * as a {@link SocketChannel}.
 */
public final class BalancedSocketChannel implements ByteChannel, GatheringByteChannel, ScatteringByteChannel {
    private final SocketChannel channel;
    private final Connection connection;

    private BalancedSocketChannel(SocketChannel channel, Connection connection) {
        this.channel = channel;
        this.connection = connection;
    }

    static BalancedSocketChannel open(Dialer dialer, Connections connections, SocketAddress logical)
            throws IOException {
        Race race = new Race(dialer, () -> new ChannelLink(SocketChannel.open()), logical, dialer.deadline(0), true);
        Race.Leg leg = race.run();
        SocketChannel channel = ((ChannelLink) leg.link()).channel();
        return new BalancedSocketChannel(channel, connections.add(leg.approach().attempt, channel));
    }

    private record ChannelLink(SocketChannel channel) implements Link {
        @Override
        public void connect(InetSocketAddress address, int timeoutMillis) throws IOException {
            channel.socket().connect(address, timeoutMillis);
            Link.refuseItself(channel.socket());
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /**
     * Returns the JDK's channel, to be registered with selectors and configured. What is read and written there directly
     * is not counted, and closing it does not end what is in flight.
     *
     * @return the channel
     */
    public SocketChannel channel() {
        return channel;
    }

    /**
     * Returns the server that it is connected to.
     *
     * @return the server
     */
    public Server server() {
        return connection.server();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return (int) read(new ByteBuffer[] {target}, 0, 1);
    }

    @Override
    public long read(ByteBuffer[] targets) throws IOException {
        return read(targets, 0, targets.length);
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        long count;
        try {
            count = channel.read(targets, offset, length);
        } catch (IOException e) {
            connection.failed(e);
            throw e;
        }
        if (count > 0) {
            connection.received(count);
        }
        return count;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return (int) write(new ByteBuffer[] {source}, 0, 1);
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        // Known to be sending before anything is sent; the bytes are counted when it is known how many went.
        if (hasRemaining(sources, offset, length)) {
            connection.sending();
        }
        try {
            long count = channel.write(sources, offset, length);
            connection.count(count);
            return count;
        } catch (IOException e) {
            connection.failed(e);
            throw e;
        }
    }

    private static boolean hasRemaining(ByteBuffer[] buffers, int offset, int length) {
        for (int i = offset; i < offset + length && i < buffers.length; i++) {
            if (buffers[i].hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        connection.close(Ending.CLOSED);
    }

    @Override
    public String toString() {
        return "balanced " + channel;
    }
}
