package io.lbclient.session;

import io.lbclient.Candidate;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads the tokens of one pool.
 *
 * <p>A token is 48 bytes, written as 64 characters of base64url, which leaves no spare bit to flip: a version, three bytes
 * that name the key, four for the expiry in seconds since 1970, eight for the server, and 32 of HMAC-SHA-256 over the
 * pool's name and all of that. The eight bytes are themselves a MAC of the server's id, so nothing can be read out of
 * them, and no two pools or keys name a server alike. A token is looked up, never taken apart for an address.
 */
final class TokenCodec {
    static final int LENGTH = 64;
    private static final int BODY = 16;
    private static final int BYTES = 48;
    private static final int VERSION = 1;

    private final TokenKeys keys;
    private final byte[] tokenContext;
    private final byte[] serverContext;
    // Guards changes of the table; a read takes it only to find the servers' names under new keys, once for each
    // rotation.
    private final ReentrantLock changing = new ReentrantLock();
    private volatile Table table;

    /** The servers by what names them in tokens, under each of the keys. */
    private record Table(TokenKeys.Ring ring, ConcurrentHashMap<Long, Candidate> servers) {}

    /**
     * A token that is signed by us and not expired.
     *
     * @param server the server that it names, null if that is not in the pool
     * @param current whether it is signed with the current key
     * @param expiry seconds since 1970
     */
    record Read(@Nullable Candidate server, boolean current, long expiry) {}

    TokenCodec(String pool, TokenKeys keys) {
        this.keys = keys;
        this.tokenContext = ("lbclient token 1 " + pool + " ").getBytes(StandardCharsets.UTF_8);
        this.serverContext = ("lbclient server 1 " + pool + " ").getBytes(StandardCharsets.UTF_8);
        this.table = new Table(keys.ring(), new ConcurrentHashMap<>());
    }

    void joined(Candidate server) {
        changing.lock();
        try {
            add(table, server);
        } finally {
            changing.unlock();
        }
    }

    private void add(Table to, Candidate server) {
        for (TokenKeys.Key key : to.ring.keys) {
            to.servers.put(name(key, server), server);
        }
    }

    void left(Candidate server) {
        changing.lock();
        try {
            for (TokenKeys.Key key : table.ring.keys) {
                table.servers.remove(name(key, server), server);
            }
        } finally {
            changing.unlock();
        }
    }

    private long name(TokenKeys.Key key, Candidate server) {
        byte[] id = server.server().id().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.wrap(key.mac(serverContext, id, id.length)).getLong();
    }

    private Table table() {
        Table present = table;
        return present.ring == keys.ring() ? present : renamed();
    }

    private Table renamed() {
        changing.lock();
        try {
            TokenKeys.Ring ring = keys.ring();
            if (table.ring != ring) {
                Table next = new Table(ring, new ConcurrentHashMap<>());
                // Of the servers known here, not of the pool: one that is about to join or leave is told afterwards.
                table.servers.values().stream().distinct().forEach(server -> add(next, server));
                table = next;
            }
            return table;
        } finally {
            changing.unlock();
        }
    }

    String write(Candidate server, long expiry) {
        TokenKeys.Key key = table().ring.current();
        byte[] body = ByteBuffer.allocate(BYTES)
                .putInt(VERSION << 24 | key.id)
                .putInt((int) expiry)
                .putLong(name(key, server))
                .array();
        System.arraycopy(key.mac(tokenContext, body, BODY), 0, body, BODY, BYTES - BODY);
        return Base64.getUrlEncoder().encodeToString(body);
    }

    /** Null for whatever is not a token of this pool that is good now. */
    @Nullable Read read(String token, long nowSeconds) {
        if (token.length() != LENGTH) {
            return null;
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            return null;
        }
        ByteBuffer fields = ByteBuffer.wrap(bytes);
        int head = fields.getInt();
        if (bytes.length != BYTES || head >>> 24 != VERSION) {
            return null;
        }
        Table known = table();
        TokenKeys.Key key = known.ring.byId(head & 0xffffff);
        if (key == null || !isSigned(key, bytes)) {
            return null;
        }
        long expiry = Integer.toUnsignedLong(fields.getInt());
        return expiry <= nowSeconds
                ? null
                : new Read(known.servers.get(fields.getLong()), key == known.ring.current(), expiry);
    }

    /** In constant time, or the time would tell how much of a forgery is right. */
    private boolean isSigned(TokenKeys.Key key, byte[] token) {
        byte[] signature = new byte[BYTES - BODY];
        System.arraycopy(token, BODY, signature, 0, signature.length);
        return MessageDigest.isEqual(key.mac(tokenContext, token, BODY), signature);
    }
}
