package io.lbclient.jgroups;

import io.lbclient.session.BindingTable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is still to be told to the others: keys, so that a binding that changes often is told as it is in the end, and no
 * more is kept than there are bindings. One thread tells it, many bindings in one message; nobody waits for that, however
 * slow the network is.
 */
final class Outbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicatedStore.class);
    private static final int MESSAGE = 500;

    private final BindingTable<ReplicatedBinding> table;
    private final ExecutorService teller;
    private final Sender sender;
    private final Set<String> keys = ConcurrentHashMap.newKeySet();
    private final int capacity;
    private final AtomicBoolean telling = new AtomicBoolean();
    /** There was no room for a key, which may have been any. */
    private final AtomicBoolean overflown = new AtomicBoolean();

    private volatile boolean closed;

    /** Sends a message to all others; may block. */
    @FunctionalInterface
    interface Sender {
        void send(byte[] message) throws Exception;
    }

    Outbox(BindingTable<ReplicatedBinding> table, int capacity, ExecutorService teller, Sender sender) {
        this.table = table;
        this.capacity = capacity;
        this.teller = teller;
        this.sender = sender;
    }

    void add(String key) {
        if (closed) {
            return;
        }
        // While nothing can be sent, a flood of sessions brings keys that the table has forgotten long since.
        if (keys.size() < capacity) {
            keys.add(key);
        } else {
            overflown.set(true);
        }
        begin();
    }

    /** How many keys are still to be told; for tests. */
    int waiting() {
        return keys.size();
    }

    /** Called by the channel's threads, which must not be kept. */
    void addAll() {
        overflown.set(true);
        begin();
    }

    private void begin() {
        if (!closed && telling.compareAndSet(false, true)) {
            try {
                teller.execute(this::tell);
            } catch (RejectedExecutionException e) {
                // Closed in this moment.
                telling.set(false);
            }
        }
    }

    private void tell() {
        // Reset first: what is added from now on asks for another round.
        telling.set(false);
        if (overflown.getAndSet(false)) {
            table.forEach((key, bound) -> keys.add(key));
        }
        Iterator<String> all = keys.iterator();
        while (all.hasNext() && !closed) {
            List<Wire.Entry> entries = new ArrayList<>();
            while (all.hasNext() && entries.size() < MESSAGE) {
                String key = all.next();
                // Before it is looked up, or a change in between would be told by nobody.
                all.remove();
                ReplicatedBinding bound = table.peek(key);
                if (bound != null) {
                    entries.add(new Wire.Entry(key, bound.server(), bound.version()));
                }
            }
            send(entries);
        }
    }

    private void send(List<Wire.Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        try {
            sender.send(Wire.bytes(entries));
        } catch (Exception e) {
            // Each is told again when a quarter of its lifetime is over, if it is in use.
            LOG.warn("{} bindings could not be told to the others: {}", entries.size(), e.toString());
        }
    }

    @Override
    public void close() {
        closed = true;
        teller.shutdownNow();
    }
}
