package io.lbclient.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/** What a balanced socket reads from: counts, and notices that the connection broke. */
final class CountedInput extends InputStream {
    private final InputStream in;
    private final Connection connection;
    private final Socket owner;

    CountedInput(InputStream in, Connection connection, Socket owner) {
        this.in = in;
        this.connection = connection;
        this.owner = owner;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count;
        try {
            count = in.read(bytes, offset, length);
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
    public int available() throws IOException {
        return in.available();
    }

    /** Closes the socket, as a socket's own stream does. */
    @Override
    public void close() throws IOException {
        owner.close();
    }
}
