package io.lbclient.jwt;

import io.lbclient.RequestView;
import io.lbclient.routing.Claims;
import io.lbclient.routing.ClaimsReader;
import java.security.Key;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the claims of tokens whose signature is right, for rules that ask for claims. As RFC 8725 has it:
 *
 * <ul>
 *   <li>A token counts only if it is signed with one of the keys given here, by the algorithm that the key was given for.
 *       No key is taken from a token or fetched because of one: {@code jku}, {@code x5u}, {@code jwk} and {@code x5c} are
 *       not looked at, and {@code kid} only chooses among the keys given here.
 *   <li>It must have an expiry, which has not come, and if it has a beginning, that must have come. If it names an
 *       audience, ours must be among it; the issuer and the type are as they were set.
 *   <li>A token of more than 8 KiB is none, and neither is one that is encrypted, has a name twice, or names an extension
 *       as critical.
 * </ul>
 *
 * <p>A request without such a token has no claims, so no rule on claims matches it; nothing is ever thrown. Immutable, and
 * safe for use by many threads.
 */
public final class VerifiedClaims implements ClaimsReader {
    private final List<VerificationKey> keys;
    private final Function<? super RequestView, @Nullable String> source;
    private final Set<String> issuers;
    private final Set<String> audiences;
    private final @Nullable String type;
    private final Duration skew;
    private final InstantSource clock;

    private VerifiedClaims(Builder settings) {
        keys = List.copyOf(settings.keys);
        source = settings.source;
        issuers = settings.issuers;
        audiences = settings.audiences;
        type = settings.type;
        skew = settings.skew;
        clock = settings.clock;
    }

    private record VerificationKey(
            SignatureAlgorithm algorithm, @Nullable String id, Key key) {}

    /**
     * Begins a reader.
     *
     * @return a builder without keys, for bearer tokens
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Claims read(RequestView request) {
        try {
            String token = source.apply(request);
            JwtClaims claims = Tokens.payload(token) < 0 ? null : verified(String.valueOf(token));
            return claims == null ? Claims.NONE : name -> values(claims.getClaimValue(name));
        } catch (JoseException | InvalidJwtException | MalformedClaimException | RuntimeException e) {
            // Whatever is wrong with what a stranger sent: it is no token. Why, would be of use to the stranger only.
            return Claims.NONE;
        }
    }

    private @Nullable JwtClaims verified(String token)
            throws JoseException, InvalidJwtException, MalformedClaimException {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setCompactSerialization(token);
        String algorithm = signature.getAlgorithmHeaderValue();
        String id = signature.getKeyIdHeaderValue();
        // No extension is known here, so none can be critical; jose4j knows one, by which the payload is read
        // otherwise.
        if (algorithm == null || signature.getObjectHeader("crit") != null || !isOfType(signature.getHeader("typ"))) {
            return null;
        }
        for (VerificationKey key : keys) {
            boolean asked = key.algorithm.id.equals(algorithm) && (id == null || key.id == null || id.equals(key.id));
            if (!asked) {
                continue;
            }
            signature.setAlgorithmConstraints(
                    new AlgorithmConstraints(AlgorithmConstraints.ConstraintType.PERMIT, key.algorithm.id));
            signature.setKey(key.key);
            if (signature.verifySignature()) {
                JwtClaims claims = JwtClaims.parse(signature.getPayload());
                return isForUsNow(claims) ? claims : null;
            }
        }
        return null;
    }

    private boolean isOfType(@Nullable String said) {
        if (type == null) {
            return true;
        }
        // RFC 7515, 4.1.9: what has no slash is a subtype of application.
        String prefix = "application/";
        return said != null
                && (said.equalsIgnoreCase(type)
                        || (prefix + said).equalsIgnoreCase(type)
                        || said.equalsIgnoreCase(prefix + type));
    }

    private boolean isForUsNow(JwtClaims claims) throws MalformedClaimException {
        Instant now = clock.instant();
        NumericDate end = claims.getExpirationTime();
        NumericDate begin = claims.getNotBefore();
        if (end == null || !now.minus(skew).isBefore(instant(end))) {
            return false;
        }
        if (begin != null && now.plus(skew).isBefore(instant(begin))) {
            return false;
        }
        if (!issuers.isEmpty() && !issuers.contains(String.valueOf(claims.getIssuer()))) {
            return false;
        }
        boolean named = claims.hasAudience();
        if (!named) {
            return audiences.isEmpty();
        }
        return claims.getAudience().stream().anyMatch(audiences::contains);
    }

    private static Instant instant(NumericDate date) {
        // Clamped: a date of a stranger's may be further off than a clock can count.
        long most = Instant.MAX.getEpochSecond();
        return Instant.ofEpochSecond(Math.max(-most, Math.min(most, date.getValue())));
    }

    static List<String> values(@Nullable Object claim) {
        if (claim instanceof List<?> list) {
            return list.stream()
                    .filter(VerifiedClaims::isSimple)
                    .map(String::valueOf)
                    .toList();
        }
        return isSimple(claim) ? List.of(String.valueOf(claim)) : List.of();
    }

    private static boolean isSimple(@Nullable Object value) {
        return value instanceof String || value instanceof Number || value instanceof Boolean;
    }

    /** Names the keys' algorithms and ids, never a key. */
    @Override
    public String toString() {
        return "verified claims by "
                + keys.stream()
                        .map(key -> key.algorithm.id + (key.id == null ? "" : " " + key.id))
                        .toList();
    }

    /** Collects the settings of a reader; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private static final int MOST_KEYS = 16;
        private static final Duration MOST_SKEW = Duration.ofMinutes(10);

        private final List<VerificationKey> keys = new ArrayList<>();
        private Function<? super RequestView, @Nullable String> source = Tokens::bearer;
        private Set<String> issuers = Set.of();
        private Set<String> audiences = Set.of();
        private @Nullable String type;
        private Duration skew = Duration.ofSeconds(30);
        private InstantSource clock = InstantSource.system();

        private Builder() {}

        /**
         * Adds a key, for tokens of one algorithm, whatever key they name.
         *
         * @param algorithm the algorithm
         * @param key the public key, or the secret of an HMAC
         * @return this builder
         * @throws IllegalArgumentException if the key does not fit the algorithm, or is too weak
         */
        public Builder key(SignatureAlgorithm algorithm, Key key) {
            keys.add(new VerificationKey(algorithm, null, algorithm.fitting(key)));
            return this;
        }

        /**
         * Adds a key, for tokens of one algorithm that name it, or name none.
         *
         * @param algorithm the algorithm
         * @param id what tokens name in {@code kid}; compared as it is, and used for nothing else
         * @param key the public key, or the secret of an HMAC
         * @return this builder
         * @throws IllegalArgumentException if the id is empty, or the key does not fit the algorithm or is too weak
         */
        public Builder key(SignatureAlgorithm algorithm, String id, Key key) {
            if (id.isEmpty()) {
                throw new IllegalArgumentException("id: \"\" (expected: a key's id)");
            }
            keys.add(new VerificationKey(algorithm, id, algorithm.fitting(key)));
            return this;
        }

        /**
         * Takes the token from somewhere else than the header {@code Authorization: Bearer}.
         *
         * @param from gives the token, or null if the request has none
         * @return this builder
         */
        public Builder source(Function<? super RequestView, @Nullable String> from) {
            source = from;
            return this;
        }

        /**
         * Sets who may have issued tokens. Default: anybody who has a key.
         *
         * @param names the issuers; at least one
         * @return this builder
         * @throws IllegalArgumentException if there is none
         */
        public Builder issuer(String... names) {
            issuers = some("issuer", names);
            return this;
        }

        /**
         * Sets for whom tokens must be: one of these, and a token that names no audience is refused. Default: only tokens that
         * name none.
         *
         * @param names the audiences; at least one
         * @return this builder
         * @throws IllegalArgumentException if there is none
         */
        public Builder audience(String... names) {
            audiences = some("audience", names);
            return this;
        }

        private static Set<String> some(String what, String... names) {
            if (names.length == 0) {
                throw new IllegalArgumentException(what + ": none (expected: at least one)");
            }
            return Set.of(names);
        }

        /**
         * Sets the type that tokens must name in {@code typ}, such as {@code at+jwt}, so that none of another kind is taken
         * for one. Default: any type, or none.
         *
         * @param name the type, in any case
         * @return this builder
         */
        public Builder type(String name) {
            type = name;
            return this;
        }

        /**
         * Sets how far the clock of whoever issues tokens may be off. Default: 30 s.
         *
         * @param most zero to 10 minutes
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Builder clockSkew(Duration most) {
            if (most.isNegative() || most.compareTo(MOST_SKEW) > 0) {
                throw new IllegalArgumentException("clockSkew: " + most + " (expected: 0 to " + MOST_SKEW + ")");
            }
            skew = most;
            return this;
        }

        /**
         * Sets the wall clock. Default: the system's.
         *
         * @param source the clock
         * @return this builder
         */
        public Builder clock(InstantSource source) {
            clock = source;
            return this;
        }

        /**
         * Builds the reader.
         *
         * @return the reader
         * @throws IllegalArgumentException if there is no key, or there are more than 16
         */
        public VerifiedClaims build() {
            if (keys.isEmpty() || keys.size() > MOST_KEYS) {
                throw new IllegalArgumentException("keys: " + keys.size() + " (expected: 1 to " + MOST_KEYS + ")");
            }
            return new VerifiedClaims(this);
        }
    }
}
