package io.lbclient.session;

import io.lbclient.Ticker;
import io.lbclient.internal.Checks;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a store: a bounded number of bindings, each kept until it has not been used for a while. For those who
 * write an {@link AffinityStore}.
 *
 * <p>When it is full, it forgets expired bindings first, and then those that were not used since the clock's hand last
 * passed them. (Second chance, also known as CLOCK, an approximation of least recently used that needs no lock.) So a
 * flood of sessions that nobody comes back to pushes out its own, and those in use stay. Safe for use by many threads;
 * a look-up takes no lock, a change that of its key only.
 *
 * @param <V> what a key is bound to, immutable
 */
public final class BindingTable<V> {
    /** How far the hand goes at most for one place, so that a table whose bindings are all in use costs no more. */
    private static final int MAX_STEPS = 1_024;

    private static final int MAX_CAPACITY = 100_000_000;

    private final Ticker ticker;
    private final long lifetimeNanos;
    private final ConcurrentHashMap<String, Entry<V>> byKey = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<@Nullable Entry<V>> places;
    private final AtomicInteger hand = new AtomicInteger();

    /**
     * Creates a table.
     *
     * @param capacity how many bindings are kept at most, 1 to 100 000 000; each takes about 140 bytes with short texts
     * @param lifetime how long a binding is kept without use, greater than zero
     * @param ticker the clock
     * @throws IllegalArgumentException if one of them is out of its range
     */
    public BindingTable(int capacity, Duration lifetime, Ticker ticker) {
        this.places = new AtomicReferenceArray<>(Checks.between("capacity", capacity, 1, MAX_CAPACITY));
        this.lifetimeNanos = Checks.positive("lifetime", lifetime).toNanos();
        this.ticker = ticker;
    }

    /** A binding. Its value never changes: another binding takes its place. */
    private static final class Entry<V> {
        final String key;
        final V value;
        volatile long lastUse;
        volatile boolean used;

        Entry(String key, V value, long now) {
            this.key = key;
            this.value = value;
            this.lastUse = now;
        }
    }

    /**
     * Looks up a binding, and uses it.
     *
     * @param key the key
     * @return what it is bound to, or null
     */
    public @Nullable V get(String key) {
        Entry<V> entry = byKey.get(key);
        if (entry == null) {
            return null;
        }
        long now = ticker.read();
        if (expired(entry, now)) {
            byKey.remove(key, entry);
            return null;
        }
        touch(entry, now);
        return entry.value;
    }

    /**
     * Looks up a binding without using it.
     *
     * @param key the key
     * @return what it is bound to, or null
     */
    public @Nullable V peek(String key) {
        Entry<V> entry = byKey.get(key);
        return entry == null || expired(entry, ticker.read()) ? null : entry.value;
    }

    /** Not at every use: threads that share a session would otherwise share a cache line that all of them write. */
    private void touch(Entry<V> entry, long now) {
        if (now - entry.lastUse > lifetimeNanos >> 6) {
            entry.lastUse = now;
        }
        if (!entry.used) {
            entry.used = true;
        }
    }

    private boolean expired(Entry<V> entry, long now) {
        return now - entry.lastUse >= lifetimeNanos;
    }

    /**
     * Changes a binding in one step.
     *
     * @param key the key
     * @param change makes the binding from the present one, null if there is none; the same object to leave it. It must
     *     not block, nor use this table
     * @return the binding in force afterwards
     */
    public V change(String key, Function<@Nullable V, V> change) {
        long now = ticker.read();
        Made<V> made = new Made<>();
        Entry<V> inForce = byKey.compute(key, (unused, before) -> {
            V present = before == null || expired(before, now) ? null : before.value;
            V next = change.apply(present);
            if (before != null && next == present) {
                return before;
            }
            made.entry = new Entry<>(key, next, now);
            return made.entry;
        });
        if (made.entry == null) {
            touch(inForce, now);
        } else {
            place(made.entry, now);
        }
        return inForce.value;
    }

    /** What a change has made, if anything. */
    private static final class Made<V> {
        @Nullable Entry<V> entry;
    }

    /** Puts a binding into a place whose present holder has had its chance, and forgets that one. */
    private void place(Entry<V> mine, long now) {
        for (int step = 0; ; step++) {
            int at = Integer.remainderUnsigned(hand.getAndIncrement(), places.length());
            Entry<V> holder = places.get(at);
            if (holder != null && step < MAX_STEPS && isInUse(holder, now)) {
                holder.used = false;
            } else if (places.compareAndSet(at, holder, mine)) {
                if (holder != null) {
                    byKey.remove(holder.key, holder);
                }
                return;
            }
        }
    }

    private boolean isInUse(Entry<V> holder, long now) {
        return holder.used && !expired(holder, now) && byKey.get(holder.key) == holder;
    }

    /**
     * Forgets a binding.
     *
     * @param key the key
     */
    public void remove(String key) {
        byKey.remove(key);
    }

    /**
     * Shows every binding that is not expired, and uses none. Those that change meanwhile are shown or not.
     *
     * @param visitor is given the keys and what they are bound to
     */
    public void forEach(BiConsumer<? super String, ? super V> visitor) {
        long now = ticker.read();
        byKey.forEach((key, entry) -> {
            if (!expired(entry, now)) {
                visitor.accept(key, entry.value);
            }
        });
    }

    /**
     * Returns how many bindings there are, expired ones that nobody has met yet included.
     *
     * @return at most the capacity; an estimate while other threads bind
     */
    public int size() {
        return byKey.size();
    }
}
