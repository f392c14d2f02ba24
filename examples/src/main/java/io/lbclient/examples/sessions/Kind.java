package io.lbclient.examples.sessions;

import io.lbclient.RequestView;
import io.lbclient.session.InMemoryStore;
import io.lbclient.session.SessionAffinity;
import io.lbclient.session.SessionAffinityBuilder;
import io.lbclient.session.TokenKeys;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The four ways in which sessions are kept on their servers. */
enum Kind {
    /** A hash of the user's name; nothing is stored, so the users of a server come back with it. */
    HASH("hash of a header", true) {
        @Override
        void in(SessionAffinityBuilder affinity) {
            affinity.hash(request -> request.header("X-User"));
        }
    },
    /** The library's own signed cookie, in the user's cookie jar. */
    COOKIE("signed cookie", false) {
        @Override
        void in(SessionAffinityBuilder affinity) {
            affinity.cookie("lb", keys());
        }
    },
    /** The id that the server sets, remembered with its server. */
    LEARNED("learned JSESSIONID", false) {
        @Override
        void in(SessionAffinityBuilder affinity) {
            affinity.learnedCookie("JSESSIONID", new InMemoryStore());
        }
    },
    /** A claim in the token that the application carries for its user, as a JWT has it. */
    CLAIM("claim in a JWT", false) {
        @Override
        void in(SessionAffinityBuilder affinity) {
            affinity.token(Kind::claim, keys());
        }
    };

    private static final Pattern CLAIM_OF_OURS = Pattern.compile("\"lb\":\"([A-Za-z0-9_-]{1,128})\"");

    final String label;
    /** Whether the users of a server return to it when it is back. */
    final boolean returns;

    Kind(String label, boolean returns) {
        this.label = label;
        this.returns = returns;
    }

    abstract void in(SessionAffinityBuilder affinity);

    SessionAffinity affinity() {
        // Sessions outlast the moment in which a server is the fastest: a bound on new ones spreads them.
        SessionAffinityBuilder builder = SessionAffinity.builder().boundedLoad(1.25);
        in(builder);
        return builder.build();
    }

    private static TokenKeys keys() {
        byte[] secret = new byte[TokenKeys.MIN_LENGTH];
        new SecureRandom().nextBytes(secret);
        return TokenKeys.of(secret);
    }

    /** The claim of a bearer token. Unverified, which is safe here: what it holds is signed by the library itself. */
    private static @Nullable String claim(RequestView request) {
        String header = request.header("Authorization");
        String[] parts = header == null ? new String[0] : header.split("\\.", 4);
        if (parts.length != 3) {
            return null;
        }
        String payload = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        Matcher matcher = CLAIM_OF_OURS.matcher(payload);
        return matcher.find() ? matcher.group(1) : null;
    }

    /** A JWT without a signature, which a real application adds. */
    static String jwt(String user, String token) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        String header = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
        String payload = "{\"sub\":\"" + user + "\",\"lb\":\"" + token + "\"}";
        return "Bearer " + base64.encodeToString(header.getBytes(StandardCharsets.UTF_8)) + "."
                + base64.encodeToString(payload.getBytes(StandardCharsets.UTF_8)) + ".c2lnbmF0dXJl";
    }
}
