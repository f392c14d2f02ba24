package io.lbclient.discovery;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a file of bounded size as UTF-8, without the mark that some editors put in front. */
final class FileText {
    static final int MAX_BYTES = 16 << 20;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private FileText() {}

    /**
     * @throws IOException if it cannot be read, is too long, or is not UTF-8
     */
    static String read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            throw new IOException(file + " has more than " + MAX_BYTES + " bytes");
        }
        return decoded(bytes);
    }

    static String decoded(byte[] bytes) throws IOException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new IOException("the text is not UTF-8", e);
        }
    }
}
