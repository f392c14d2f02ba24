package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The list that an earlier run kept, and the one that this run keeps for a later one. All files are touched elsewhere. */
final class ColdStart {
    private static final long WRITE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final @Nullable SnapshotFile file;
    private final Executor executor;
    private final ServerDiscovery.Sink pool;
    private final Runnable onRead;
    private final AtomicReference<@Nullable List<Server>> toWrite = new AtomicReference<>();
    // Guarded by the guard's lock.
    private boolean wanted;
    private @Nullable Long lastWrite;
    // Set once, before the guard is told.
    private volatile List<Server> kept = List.of();

    ColdStart(GuardRails rails, ServerDiscovery.Sink pool, Runnable onRead) {
        this.file = rails.snapshotFile == null ? null : new SnapshotFile(pool.pool(), rails.snapshotFile);
        this.executor = rails.executor;
        this.pool = pool;
        this.onRead = onRead;
    }

    /** False if no list is kept. */
    boolean read() {
        SnapshotFile source = file;
        if (source == null) {
            return false;
        }
        executor.execute(() -> {
            kept = source.read();
            onRead.run();
        });
        return true;
    }

    /** The source has failed to answer so far. */
    void want() {
        wanted = true;
    }

    /** What was read, once, and only if it is needed. */
    List<Server> take(boolean answered) {
        if (answered) {
            kept = List.of();
        }
        List<Server> taken = wanted ? kept : List.<Server>of();
        if (!taken.isEmpty()) {
            kept = List.of();
        }
        return taken;
    }

    /** Under the guard's lock. A list that another one overtakes before it is written is not written. */
    void keep(List<Server> servers) {
        SnapshotFile target = file;
        if (target == null) {
            return;
        }
        if (toWrite.getAndSet(servers) == null) {
            long now = pool.ticker().read();
            long wait = lastWrite == null ? 0 : Math.max(0, WRITE_EVERY_NANOS - (now - lastWrite));
            lastWrite = now + wait;
            Alarm.once(pool, () -> executor.execute(() -> write(target)), wait);
        }
    }

    private void write(SnapshotFile target) {
        List<Server> servers = toWrite.getAndSet(null);
        if (servers != null) {
            target.write(servers);
        }
    }
}
