package io.lbclient.jwt;

import io.lbclient.RequestView;
import org.jspecify.annotations.Nullable;

/** Finds a token in a request, and refuses what cannot be one before anything reads it. */
final class Tokens {
    /** A longer token is none. What reads it takes time in proportion to its length, so this bounds the time too. */
    static final int MOST = 8192;

    private static final String BEARER = "Bearer ";

    private Tokens() {}

    /** The token that the request was made with (RFC 6750, 2.1). */
    static @Nullable String bearer(RequestView request) {
        String header = request.header("Authorization");
        if (header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return null;
        }
        return header.substring(BEARER.length()).trim();
    }

    /** Returns where the payload begins; -1 if it is no signed token in its compact form: three parts of base64url. */
    static int payload(@Nullable String token) {
        if (token == null || token.length() > MOST) {
            return -1;
        }
        int dots = 0;
        int payload = -1;
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if (c == '.') {
                dots++;
                payload = dots == 1 ? i + 1 : payload;
            } else if (!isBase64Url(c)) {
                return -1;
            }
        }
        return dots == 2 ? payload : -1;
    }

    private static boolean isBase64Url(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
}
