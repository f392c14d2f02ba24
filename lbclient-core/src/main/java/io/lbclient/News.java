package io.lbclient;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a pool has to tell, and to whom: its listeners and its log. News is queued where the change is made, and told
 * once no lock is held; what user code throws is logged with the pool's name and goes no further.
 */
final class News {
    private static final Logger LOG = LoggerFactory.getLogger(ServerPool.class);

    private final String pool;
    private final List<PoolListener> listeners = new CopyOnWriteArrayList<>();
    private final EventQueue events = new EventQueue(e -> failed("the news", e));

    News(String pool) {
        this.pool = pool;
    }

    void addListener(PoolListener listener) {
        listeners.add(listener);
    }

    void removeListener(PoolListener listener) {
        listeners.remove(listener);
    }

    /** Queues what each listener is called with. */
    void add(Consumer<PoolListener> call) {
        events.add(() -> call(call));
    }

    /** Queues whatever changed on a server and has not been told when its turn comes. */
    void addHealth(ServerState server) {
        events.add(() -> server.takeNews().forEach(this::announce));
    }

    private void announce(HealthChange change) {
        LOG.info(
                "{}: server {} is {} (was {}): {} {}: {}{}",
                pool,
                change.server().id(),
                change.to(),
                change.from(),
                change.cause(),
                change.raised() ? "raised" : "cleared",
                change.detail(),
                change.until() == null ? "" : ", until " + change.until());
        call(listener -> listener.healthChanged(change));
    }

    private void call(Consumer<PoolListener> call) {
        for (PoolListener listener : listeners) {
            guarded("a listener", () -> call.accept(listener));
        }
    }

    /** Tells what is queued. Never to be called with a lock held. */
    void tell() {
        events.drain();
    }

    void guarded(String whose, Runnable userCode) {
        try {
            userCode.run();
        } catch (RuntimeException | Error e) {
            // Errors too: one bad listener must not end the news for the others.
            failed(whose, e);
        }
    }

    void failed(String whose, Throwable failure) {
        LOG.warn("{}: {} failed", pool, whose, failure);
    }
}
