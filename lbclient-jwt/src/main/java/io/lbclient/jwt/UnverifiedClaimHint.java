package io.lbclient.jwt;

import io.lbclient.RequestView;
import io.lbclient.routing.Hint;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * A claim of a token that nobody has verified: anybody can write into it whatever they like. It is a {@link Hint}, so it
 * chooses among the pools of a rule that are open to all who meet that rule, and does nothing else. For a decision on who
 * may go where, use {@link VerifiedClaims}.
 *
 * <p>A token of more than 8 KiB says nothing, and neither does one that is malformed. Reading takes one pass over the
 * token, makes no connection and throws nothing. Immutable, and safe for use by many threads.
 */
public final class UnverifiedClaimHint implements Hint {
    private final String claim;
    private final Function<? super RequestView, @Nullable String> source;

    private UnverifiedClaimHint(String claim, Function<? super RequestView, @Nullable String> source) {
        if (claim.isEmpty()) {
            throw new IllegalArgumentException("claim: \"\" (expected: a name)");
        }
        this.claim = claim;
        this.source = source;
    }

    /**
     * Reads a claim of the bearer token without verifying it.
     *
     * @param claim the claim's exact name
     * @return the hint
     * @throws IllegalArgumentException if the name is empty
     */
    public static UnverifiedClaimHint readUnverified(String claim) {
        return new UnverifiedClaimHint(claim, Tokens::bearer);
    }

    /**
     * Reads a claim of a token from somewhere else without verifying it.
     *
     * @param claim the claim's exact name
     * @param source gives the token, or null if the request has none
     * @return the hint
     * @throws IllegalArgumentException if the name is empty
     */
    public static UnverifiedClaimHint readUnverified(
            String claim, Function<? super RequestView, @Nullable String> source) {
        return new UnverifiedClaimHint(claim, source);
    }

    /**
     * Reads the claim.
     *
     * @param request the request
     * @return the claim, of a list its first value; null if there is no such claim, no token, or one that is too long or
     *     malformed
     */
    @Override
    public @Nullable String read(RequestView request) {
        try {
            String token = source.apply(request);
            int from = Tokens.payload(token);
            if (from < 0) {
                return null;
            }
            String all = String.valueOf(token);
            String payload = all.substring(from, all.indexOf('.', from));
            byte[] json = Base64.getUrlDecoder().decode(payload);
            List<String> values = VerifiedClaims.values(
                    JsonUtil.parseJson(new String(json, StandardCharsets.UTF_8)).get(claim));
            return values.isEmpty() ? null : values.get(0);
        } catch (JoseException | RuntimeException e) {
            return null;
        }
    }

    @Override
    public String toString() {
        return "unverified claim " + claim;
    }
}
