package io.lbclient.jgroups;

import io.lbclient.session.AffinityStore;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * How bindings travel: a version byte, then for each binding a 1, the key, the server and the version, and a 0 at the end.
 * Plain texts and numbers, whose lengths are checked; nothing is ever deserialized.
 */
final class Wire {
    private static final int FORMAT = 1;

    private Wire() {}

    /** A binding on its way. */
    record Entry(String key, String server, long version) {}

    /** Is given what is read. */
    @FunctionalInterface
    interface Reader {
        void accept(Entry entry);
    }

    static byte[] bytes(List<Entry> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 * entries.size() + 8);
        try {
            DataOutputStream out = new DataOutputStream(bytes);
            begin(out);
            for (Entry entry : entries) {
                write(out, entry);
            }
            end(out);
        } catch (IOException e) {
            throw new UncheckedIOException("an array takes whatever is written", e);
        }
        return bytes.toByteArray();
    }

    static void begin(DataOutputStream out) throws IOException {
        out.writeByte(FORMAT);
    }

    static void write(DataOutputStream out, Entry entry) throws IOException {
        out.writeByte(1);
        out.writeUTF(entry.key);
        out.writeUTF(entry.server);
        out.writeLong(entry.version);
    }

    static void end(DataOutputStream out) throws IOException {
        out.writeByte(0);
        out.flush();
    }

    /** Reads what another instance wrote; as many bindings as it likes, since the table that takes them is bounded. */
    static void read(InputStream in, Reader reader) throws IOException {
        DataInputStream data = new DataInputStream(in);
        if (data.readByte() != FORMAT) {
            throw new IOException("bindings of an unknown format");
        }
        while (data.readByte() == 1) {
            Entry entry = new Entry(data.readUTF(), data.readUTF(), data.readLong());
            if (!isText(entry.key) || !isText(entry.server) || entry.version < 1) {
                throw new EOFException("a malformed binding");
            }
            reader.accept(entry);
        }
    }

    private static boolean isText(String text) {
        return !text.isEmpty() && text.length() <= AffinityStore.MAX_LENGTH;
    }
}
