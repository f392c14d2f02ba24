package io.lbclient.net;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

/** What a balanced socket writes to: counts, and notices that the connection broke. */
final class CountedOutput extends OutputStream {
    private final OutputStream out;
    private final Connection connection;
    private final Socket owner;

    CountedOutput(OutputStream out, Connection connection, Socket owner) {
        this.out = out;
        this.connection = connection;
        this.owner = owner;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        // Before, or an answer could be read before the question is known to be asked.
        connection.sent(length);
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            connection.failed(e);
            throw e;
        }
    }

    /** Closes the socket, as a socket's own stream does. */
    @Override
    public void close() throws IOException {
        owner.close();
    }
}
