package io.lbclient.session;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an application carries for one session of one of its own users, in place of a cookie jar: the token that came in,
 * and the one that goes out.
 *
 * <p>A backend-for-frontend attaches one to each request that it makes for a user, as an attribute of the type {@code
 * SessionCarrier} (a tag in OkHttp), and passes on what was issued: in a cookie of its own, or in the claim of a token
 * that it signs.
 *
 * <pre>{@code
 * SessionCarrier carrier = new SessionCarrier(cookieOfTheUser);
 * client.newCall(request.newBuilder().tag(SessionCarrier.class, carrier).build()).execute();
 * if (carrier.issued() != null) {
 *   setCookieOfTheUser(carrier.issued(), carrier.lifetime());
 * }
 * }</pre>
 *
 * <p>Safe for use by many threads, so that it may serve several requests of one user at once; not to be shared by users.
 */
public final class SessionCarrier {
    private final @Nullable String given;
    private volatile @Nullable Issued issued;

    private record Issued(String token, Duration lifetime) {}

    /**
     * Creates a carrier.
     *
     * @param token what the user brought, whatever that is; null for nothing
     */
    public SessionCarrier(@Nullable String token) {
        given = token;
    }

    /**
     * Returns what further requests of the user carry.
     *
     * @return the token issued last, else the one that came in, else null
     */
    public @Nullable String token() {
        Issued last = issued;
        return last == null ? given : last.token;
    }

    /**
     * Returns what is to be handed to the user.
     *
     * @return the new token, of letters, digits, {@code -} and {@code _}; null if the user's own is still good
     */
    public @Nullable String issued() {
        Issued last = issued;
        return last == null ? null : last.token;
    }

    /**
     * Returns how long the issued token is good for.
     *
     * @return the time from its issue; zero if none was issued
     */
    public Duration lifetime() {
        Issued last = issued;
        return last == null ? Duration.ZERO : last.lifetime;
    }

    void issue(String token, Duration lifetime) {
        issued = new Issued(token, lifetime);
    }

    /** Whether there is a token, and not which. */
    @Override
    public String toString() {
        return token() == null ? "no session" : issued == null ? "a session" : "a new session";
    }
}
