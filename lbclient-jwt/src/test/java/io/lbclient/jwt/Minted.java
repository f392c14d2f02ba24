package io.lbclient.jwt;

import io.lbclient.RequestView;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.spec.SecretKeySpec;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** Keys, and tokens that are made with them, good ones and others. */
final class Minted {
    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    static final KeyPair RSA = pair("RSA", 2048, null);
    static final KeyPair EC = pair("EC", 0, "secp256r1");
    static final KeyPair ED = pair("Ed25519", 0, null);
    static final SecretKeySpec SECRET = secret("0123456789abcdef0123456789abcdef");

    private Minted() {}

    static SecretKeySpec secret(String text) {
        return new SecretKeySpec(text.getBytes(StandardCharsets.US_ASCII), "HmacSHA256");
    }

    static KeyPair pair(String algorithm, int bits, @Nullable String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (curve != null) {
                generator.initialize(new ECGenParameterSpec(curve));
            } else if (bits > 0) {
                generator.initialize(bits);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Claims as JSON, valid for an hour, with more members as they are given. */
    static String claims(String... more) {
        StringBuilder json = new StringBuilder(
                "{\"sub\":\"7\",\"exp\":" + NOW.plusSeconds(3600).getEpochSecond());
        for (String member : more) {
            json.append(',').append(member);
        }
        return json.append('}').toString();
    }

    static JsonWebSignature signature(String algorithm, Key key, String claims) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        signature.setDoKeyValidation(false);
        signature.setAlgorithmHeaderValue(algorithm);
        signature.setKey(key);
        signature.setPayload(claims);
        return signature;
    }

    static String token(String algorithm, Key key, String claims) {
        return compact(signature(algorithm, key, claims));
    }

    static String compact(JsonWebSignature signature) {
        try {
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A token of which each part is what it is, signed or not. */
    static String raw(String header, String claims, String signature) {
        return base64(header) + "." + base64(claims) + "." + signature;
    }

    static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static RequestView bearing(String token) {
        return header("authorization", "Bearer " + token);
    }

    static RequestView header(String name, String value) {
        return new RequestView() {
            @Override
            public String path() {
                return "/api";
            }

            @Override
            public @Nullable String header(String asked) {
                return asked.toLowerCase(Locale.ROOT).equals(name) ? value : null;
            }
        };
    }
}
