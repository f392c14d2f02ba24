package io.lbclient.discovery;

import io.lbclient.ServerDiscovery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a file again and again, off the pool's scheduler, and reads it when it has changed and come to rest.
 *
 * <p>A look that hangs, as it may on a network's file system, holds up the next one and nothing else.
 */
final class FileWatch implements ServerDiscovery.Subscription {
    private final FileDiscovery settings;
    private final ServerDiscovery.Sink sink;
    private final Alarm alarm;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile boolean closed;

    // Used by one look at a time; the flag above hands them on.
    private @Nullable Stamp seen;
    /** The one that was read and is in force. */
    private @Nullable Stamp read;

    /** The key tells files apart that were moved into each other's place. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {}

    FileWatch(FileDiscovery settings, ServerDiscovery.Sink sink) {
        this.settings = settings;
        this.sink = sink;
        this.alarm = new Alarm(sink, this::refresh);
    }

    @Override
    public void refresh() {
        if (!closed && looking.compareAndSet(false, true)) {
            settings.executor().execute(this::lookAndSetAlarm);
        }
    }

    private void lookAndSetAlarm() {
        try {
            look();
        } catch (IOException | RuntimeException e) {
            // The next look reads it again, so that what is wrong is not forgotten.
            read = null;
            tellFailure(e);
        } finally {
            looking.set(false);
            alarm.in(settings.interval().toNanos());
        }
    }

    private void look() throws IOException {
        Stamp now = stamp();
        boolean first = seen == null;
        boolean resting = first || now.equals(seen);
        seen = now;
        if (now.equals(read)) {
            if (!closed) {
                sink.unchanged();
            }
        } else if (resting) {
            read();
            // A change while it was being read must be noticed, so the stamp is the one from before.
            read = now;
        }
    }

    private void read() throws IOException {
        ServerLines.Parsed parsed = ServerLines.parse(FileText.read(settings.file()));
        if (closed) {
            return;
        }
        if (parsed.authoritative()) {
            sink.authoritative(parsed.servers());
        } else {
            sink.update(parsed.servers());
        }
    }

    private Stamp stamp() throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(settings.file(), BasicFileAttributes.class);
        return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    }

    private void tellFailure(Exception e) {
        if (!closed) {
            sink.failed(new IOException(settings.file() + ": " + reason(e), e));
        }
    }

    private static String reason(Exception e) {
        return e instanceof IllegalArgumentException ? String.valueOf(e.getMessage()) : e.toString();
    }

    @Override
    public void close() {
        closed = true;
        alarm.cancel();
    }
}
