package io.lbclient.jwt;

import java.security.Key;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import javax.crypto.SecretKey;

/**
 * The algorithms by which a token may be signed (RFC 7518, RFC 8037). There is none for "none".
 */
public enum SignatureAlgorithm {
    /** HMAC with SHA-256 and a secret of at least 256 bits. */
    HS256("HS256", 256),
    /** HMAC with SHA-384 and a secret of at least 384 bits. */
    HS384("HS384", 384),
    /** HMAC with SHA-512 and a secret of at least 512 bits. */
    HS512("HS512", 512),
    /** RSASSA-PKCS1-v1_5 with SHA-256 and a key of at least 2048 bits. */
    RS256("RS256", 2048),
    /** RSASSA-PKCS1-v1_5 with SHA-384 and a key of at least 2048 bits. */
    RS384("RS384", 2048),
    /** RSASSA-PKCS1-v1_5 with SHA-512 and a key of at least 2048 bits. */
    RS512("RS512", 2048),
    /** RSASSA-PSS with SHA-256 and a key of at least 2048 bits. */
    PS256("PS256", 2048),
    /** RSASSA-PSS with SHA-384 and a key of at least 2048 bits. */
    PS384("PS384", 2048),
    /** RSASSA-PSS with SHA-512 and a key of at least 2048 bits. */
    PS512("PS512", 2048),
    /** ECDSA with P-256 and SHA-256. */
    ES256("ES256", 256),
    /** ECDSA with P-384 and SHA-384. */
    ES384("ES384", 384),
    /** ECDSA with P-521 and SHA-512. */
    ES512("ES512", 521),
    /** EdDSA with Ed25519 or Ed448. */
    EDDSA("EdDSA", 0);

    /** So that a signature takes no longer to verify than anybody needs. */
    private static final int MOST_RSA_BITS = 8192;

    final String id;
    private final int bits;

    SignatureAlgorithm(String id, int bits) {
        this.id = id;
        this.bits = bits;
    }

    /** Returns a key that fits the algorithm, or refuses it: one key serves one algorithm (RFC 8725, 3.1). */
    Key fitting(Key key) {
        boolean fits = switch (id.charAt(0)) {
            case 'H' -> key instanceof SecretKey && lengthOf(key) >= bits;
            case 'R', 'P' ->
                key instanceof RSAPublicKey rsa
                        && rsa.getModulus().bitLength() >= bits
                        && rsa.getModulus().bitLength() <= MOST_RSA_BITS;
            default ->
                this == EDDSA
                        ? key instanceof EdECPublicKey
                        : key instanceof ECPublicKey ec
                                && ec.getParams().getCurve().getField().getFieldSize() == bits;
        };
        if (!fits) {
            // Never the key itself.
            throw new IllegalArgumentException("key: " + key.getAlgorithm() + " (expected: one for " + id + ": "
                    + (id.charAt(0) == 'H'
                            ? "a secret of at least " + bits + " bits"
                            : "a public key of its kind and size")
                    + ")");
        }
        return key;
    }

    private static int lengthOf(Key key) {
        byte[] encoded = key.getEncoded();
        return encoded == null ? Integer.MAX_VALUE : 8 * encoded.length;
    }
}
