package io.lbclient.discovery;

import io.lbclient.Server;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last list on disk. What goes wrong with it is logged, and is never a reason to stop. */
record SnapshotFile(String pool, Path file) {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedDiscovery.class);

    /** Empty if there is none, or none that can be read. */
    List<Server> read() {
        try {
            return ServerLines.parse(FileText.read(file)).servers();
        } catch (NoSuchFileException e) {
            LOG.debug("{}: there is no snapshot {} yet", pool, file);
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: the snapshot {} is of no use: {}", pool, file, e.toString());
        }
        return List.of();
    }

    void write(List<Server> servers) {
        Path whole = file.toAbsolutePath();
        try {
            // Beside the file, since only within one file system is a move one step.
            Path part =
                    Files.createTempFile(whole.getParent(), whole.getFileName().toString(), ".part");
            try {
                Files.writeString(part, servers.isEmpty() ? ServerLines.NONE + "\n" : ServerLines.format(servers));
                move(part, whole);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: the snapshot {} cannot be written: {}", pool, file, e.toString());
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
