package io.lbclient.session;

import io.lbclient.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Remembers sessions in this process: a bounded number of them, each until it has not been used for a while.
 *
 * <p>What it forgets first when it is full is said at {@link BindingTable}. Safe for use by many threads; no call waits.
 */
public final class InMemoryStore implements AffinityStore {
    /** How many bindings are kept unless told otherwise: {@value}, about 14 MiB. */
    public static final int DEFAULT_CAPACITY = 100_000;

    /** How long an unused binding is kept unless told otherwise: 30 minutes. */
    public static final Duration DEFAULT_LIFETIME = Duration.ofMinutes(30);

    private final BindingTable<String> table;

    /** Creates a store of {@value #DEFAULT_CAPACITY} bindings that are kept for 30 minutes without use. */
    public InMemoryStore() {
        this(DEFAULT_CAPACITY, DEFAULT_LIFETIME, Ticker.system());
    }

    /**
     * Creates a store.
     *
     * @param capacity how many bindings are kept at most, 1 to 100 000 000; each takes about 140 bytes
     * @param lifetime how long a binding is kept without use, greater than zero
     * @param ticker the clock, as a rule the pool's
     * @throws IllegalArgumentException if one of them is out of its range
     */
    public InMemoryStore(int capacity, Duration lifetime, Ticker ticker) {
        table = new BindingTable<>(capacity, lifetime, ticker);
    }

    @Override
    public CompletionStage<@Nullable String> find(String key) {
        return CompletableFuture.completedFuture(table.get(AffinityStore.checked("key", key)));
    }

    @Override
    public CompletionStage<String> bind(String key, String server, @Nullable String insteadOf) {
        AffinityStore.checked("server", server);
        return CompletableFuture.completedFuture(table.change(
                AffinityStore.checked("key", key),
                before -> before == null || before.equals(insteadOf) ? server : before));
    }

    /**
     * Returns how many bindings there are, expired ones that nobody has met yet included.
     *
     * @return at most the capacity; an estimate while other threads bind
     */
    public int size() {
        return table.size();
    }

    @Override
    public void close() {
        // Nothing was started, and what is remembered goes with the store.
    }
}
