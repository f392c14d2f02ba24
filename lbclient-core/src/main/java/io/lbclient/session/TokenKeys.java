package io.lbclient.session;

import io.lbclient.internal.Checks;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The secrets with which tokens are signed: new ones with the current key, and tokens of the former keys are good until
 * those are retired.
 *
 * <p>All instances that shall know each other's tokens need the same keys. To rotate without losing a session, give the
 * new key to all instances as a former one first, then make it the current one everywhere, and retire the old one when
 * its last tokens have expired. Safe for use by many threads; one object may serve many pools, whose tokens differ all
 * the same.
 */
public final class TokenKeys {
    /** The least length of a key in bytes, that of the hash (RFC 2104, section 3): {@value}. */
    public static final int MIN_LENGTH = 32;

    private static final String ALGORITHM = "HmacSHA256";
    private static final int MAX_KEYS = 8;

    private final ReentrantLock rotating = new ReentrantLock();
    private volatile Ring ring;

    private TokenKeys(Ring ring) {
        this.ring = ring;
    }

    /**
     * Returns keys.
     *
     * @param current signs new tokens: at least {@value #MIN_LENGTH} random bytes
     * @param former what was signed with these is good too, at most 7 of them
     * @return the keys
     * @throws IllegalArgumentException if a key is too short, two are the same, or there are too many
     */
    public static TokenKeys of(byte[] current, byte[]... former) {
        List<Key> keys = new ArrayList<>();
        keys.add(new Key(current));
        for (byte[] key : former) {
            keys.add(new Key(key));
        }
        return new TokenKeys(new Ring(keys));
    }

    /**
     * Makes a key the current one; the present one becomes a former one. In force for all picks that begin afterwards.
     *
     * @param next the new key, at least {@value #MIN_LENGTH} random bytes; it may be one of the former
     * @throws IllegalArgumentException if the key is too short, is the current one already, or there are too many
     */
    public void rotate(byte[] next) {
        Key key = new Key(next);
        rotating.lock();
        try {
            List<Key> keys = new ArrayList<>(ring.keys);
            if (keys.get(0).id == key.id) {
                throw Checks.rejected("next", "the current key", "another one");
            }
            keys.removeIf(known -> known.id == key.id);
            keys.add(0, key);
            ring = new Ring(keys);
        } finally {
            rotating.unlock();
        }
    }

    /** Forgets the former keys: what was signed with them is no longer accepted. */
    public void retireFormer() {
        rotating.lock();
        try {
            ring = new Ring(ring.keys.subList(0, 1));
        } finally {
            rotating.unlock();
        }
    }

    Ring ring() {
        return ring;
    }

    /** How many keys there are, and nothing of them. */
    @Override
    public String toString() {
        return ring.keys.size() + " keys";
    }

    /** The keys at one moment, the current one first. Immutable. */
    static final class Ring {
        final List<Key> keys;

        Ring(List<Key> keys) {
            this.keys = List.copyOf(keys);
            if (keys.size() > MAX_KEYS) {
                throw Checks.rejected("keys", keys.size(), "at most " + MAX_KEYS);
            }
            if (keys.stream().mapToInt(key -> key.id).distinct().count() != keys.size()) {
                throw Checks.rejected("keys", "two with one id", "different ones");
            }
        }

        Key current() {
            return keys.get(0);
        }

        @Nullable Key byId(int id) {
            for (Key key : keys) {
                if (key.id == id) {
                    return key;
                }
            }
            return null;
        }
    }

    /** One key, with some ready-made MACs: making one costs more than using it, and it serves one thread at a time. */
    static final class Key {
        private static final int READY = 16;
        private static final byte[] ID = {'i', 'd'};

        /** 24 bits that name the key in a token, and say nothing of it. */
        final int id;

        private final SecretKeySpec secret;
        private final AtomicReferenceArray<@Nullable Mac> ready = new AtomicReferenceArray<>(READY);

        Key(byte[] bytes) {
            if (bytes.length < MIN_LENGTH) {
                throw Checks.rejected("key", bytes.length + " bytes", "at least " + MIN_LENGTH + " random ones");
            }
            secret = new SecretKeySpec(bytes, ALGORITHM);
            id = ByteBuffer.wrap(mac(ID, ID, 0)).getInt() & 0xffffff;
        }

        /** HMAC-SHA-256 of the context and the first bytes of the text. */
        byte[] mac(byte[] context, byte[] text, int length) {
            int slot = (int) Thread.currentThread().getId() & (READY - 1);
            Mac mac = ready.getAndSet(slot, null);
            if (mac == null) {
                mac = fresh();
            }
            mac.update(context);
            mac.update(text, 0, length);
            byte[] result = mac.doFinal();
            ready.set(slot, mac);
            return result;
        }

        private Mac fresh() {
            try {
                Mac mac = Mac.getInstance(ALGORITHM);
                mac.init(secret);
                return mac;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
            }
        }
    }
}
