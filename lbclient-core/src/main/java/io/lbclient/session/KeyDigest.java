package io.lbclient.session;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * Makes the keys of stores: 128 bits of SHA-256 of what the id is of, and the id. So a store holds nobody's session, every
 * key is 22 characters long however long the id is, and ids cannot be chosen such that their keys collide.
 */
final class KeyDigest {
    private static final int BYTES = 16;

    private final byte[] context;

    KeyDigest(String context) {
        this.context = (context + '\0').getBytes(StandardCharsets.UTF_8);
    }

    String of(String id) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(context);
            byte[] hash = sha.digest(id.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
