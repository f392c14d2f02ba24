package io.lbclient.dns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The open files and sockets of this process, where the system tells. */
final class Descriptors {
    private static final Path FOLDER = Path.of("/proc/self/fd");

    private Descriptors() {}

    static long open() throws IOException {
        if (!Files.exists(FOLDER)) {
            return 0;
        }
        try (var list = Files.list(FOLDER)) {
            return list.count();
        }
    }
}
