package io.lbclient.session;

import io.lbclient.Affinity.Answer;
import io.lbclient.Affinity.Carrier;
import io.lbclient.RequestView;
import io.lbclient.internal.Checks;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a {@link SessionAffinity}; not safe for use by several threads. Each method returns this
 * builder.
 *
 * <p>The ways are asked in the order in which they are added, and the first one that names a server which may be used
 * decides. A new session is bound in all of them.
 */
public final class SessionAffinityBuilder {
    private static final Duration LEAST_LIFETIME = Duration.ofSeconds(1);
    private static final Duration MOST_LIFETIME = Duration.ofDays(3653);

    private final List<Tie.Maker> ties = new ArrayList<>();
    boolean strict;
    double boundedLoad;
    Duration drainTime = Duration.ofMinutes(5);
    Duration lifetime = Duration.ofHours(8);
    Duration lookupWait = Duration.ofMillis(10);
    InstantSource clock = Clock.systemUTC();

    SessionAffinityBuilder() {}

    /**
     * Adds a way: a hash of a key of the request, as {@code HashKey.clientAddress()::read} and its like read it. Nothing is
     * stored, and requests without the key are left to the other ways and to the pool's strategy.
     *
     * <p>Weighted rendezvous hashing over the servers that get new sessions: when one goes, only its keys move, and when it
     * comes back, they return. A pick looks at every server; where there are many, and every request has the key, a hashing
     * strategy of the pool does the same for less.
     *
     * @param key gives the key, whose text is hashed; null or empty for a request without it
     * @return this builder
     */
    public SessionAffinityBuilder hash(Function<? super RequestView, ? extends @Nullable Object> key) {
        return hash(key, 0);
    }

    /**
     * Adds a way: as {@link #hash(Function)}, with a seed. Where keys come from strangers, take a secret one: whoever knows
     * it can choose keys that all go to one server.
     *
     * @param key gives the key
     * @param seed any number; all instances that shall agree need the same
     * @return this builder
     */
    public SessionAffinityBuilder hash(Function<? super RequestView, ? extends @Nullable Object> key, long seed) {
        ties.add((pool, common) -> new HashTie(key, seed));
        return this;
    }

    /**
     * Adds a way: a cookie with a signed token. An adapter puts it into the client's cookie jar, or hands it to the
     * application where there is none; a request with a {@link SessionCarrier} leaves it to that.
     *
     * @param name the cookie's name, 1 to 128 letters, digits and {@code ! # $ % & ' * + - . ^ _ ` | ~}
     * @param keys what tokens are signed with
     * @return this builder
     * @throws IllegalArgumentException if the name is malformed
     */
    public SessionAffinityBuilder cookie(String name, TokenKeys keys) {
        String checked = HeaderName.check("cookie", name);
        return token(new TokenSettings(Carrier.COOKIE, checked, request -> request.cookie(checked), keys));
    }

    /**
     * Adds a way: a header, or gRPC metadata, with a signed token. The application finds a new one under the same name in
     * the answer, or in its {@link SessionCarrier}, and sends it with its further requests.
     *
     * @param name the header's name, 1 to 128 letters, digits and {@code ! # $ % & ' * + - . ^ _ ` | ~}
     * @param keys what tokens are signed with
     * @return this builder
     * @throws IllegalArgumentException if the name is malformed
     */
    public SessionAffinityBuilder header(String name, TokenKeys keys) {
        String checked = HeaderName.check("header", name);
        return token(new TokenSettings(Carrier.HEADER, checked, request -> request.header(checked), keys));
    }

    /**
     * Adds a way: a signed token that the application carries wherever it likes, such as in a claim of a JWT of its own. It
     * gets new ones by attaching a {@link SessionCarrier} to its requests; without one, none is issued.
     *
     * @param reader finds the token in a request, without blocking; null if it has none. It need not be verified
     * @param keys what tokens are signed with
     * @return this builder
     */
    public SessionAffinityBuilder token(Function<? super RequestView, @Nullable String> reader, TokenKeys keys) {
        return token(new TokenSettings(null, "", reader, keys));
    }

    private SessionAffinityBuilder token(TokenSettings settings) {
        ties.add((pool, common) -> new TokenTie(pool, settings, common));
        return this;
    }

    /**
     * Adds a way: the session id that the servers set in a cookie is remembered with the server that set it. An id that a
     * request brings and that is not known is remembered with the server that answers.
     *
     * @param name the cookie's name, such as {@code JSESSIONID}
     * @param store where
     * @return this builder
     * @throws IllegalArgumentException if the name is malformed
     */
    public SessionAffinityBuilder learnedCookie(String name, AffinityStore store) {
        String checked = HeaderName.check("cookie", name);
        return memory(new MemorySettings(
                "cookie " + checked,
                request -> request.cookie(checked),
                answer -> SetCookie.value(answer.headers("Set-Cookie"), checked),
                false,
                store));
    }

    /**
     * Adds a way: the session id that the servers set in a header, or in gRPC metadata, is remembered with the server that
     * set it. A request brings it under the same name.
     *
     * @param name the header's name
     * @param store where
     * @return this builder
     * @throws IllegalArgumentException if the name is malformed
     */
    public SessionAffinityBuilder learnedHeader(String name, AffinityStore store) {
        String checked = HeaderName.check("header", name);
        return memory(new MemorySettings(
                "header " + checked,
                request -> request.header(checked),
                answer -> last(answer, checked),
                false,
                store));
    }

    private static @Nullable String last(Answer answer, String name) {
        List<String> values = answer.headers(name);
        return values.isEmpty() ? null : values.get(values.size() - 1);
    }

    /**
     * Adds a way: a key that the request brings, such as a claim of the application's JWT, is remembered with the server
     * that was picked for it first.
     *
     * @param name tells these keys from others in the same store, 1 to 128 letters, digits and {@code - . _ ~} and the like
     * @param key gives the key, without blocking; null or empty for a request without it. A claim has to be verified
     *     first, or whoever makes one up shares another user's server
     * @param store where
     * @return this builder
     * @throws IllegalArgumentException if the name is malformed
     */
    public SessionAffinityBuilder key(
            String name, Function<? super RequestView, @Nullable String> key, AffinityStore store) {
        return memory(new MemorySettings("key " + HeaderName.check("name", name), key, answer -> null, true, store));
    }

    private SessionAffinityBuilder memory(MemorySettings settings) {
        ties.add((pool, common) -> new MemoryTie(pool, settings, common.lookupWait()));
        return this;
    }

    /**
     * Has requests of a session whose server may not be used fail, with a {@link
     * io.lbclient.NoServerAvailableException}, rather than go to another server. Default: they go to another one.
     *
     * @return this builder
     */
    public SessionAffinityBuilder strict() {
        strict = true;
        return this;
    }

    /**
     * Bounds what a server gets of the new sessions to a multiple of its share by tiers, zones and weights, counted since
     * those last changed. Default: the strategy decides.
     *
     * @param factor 1 to 1000; 1.25 is usual
     * @return this builder
     * @throws IllegalArgumentException if the factor is something else
     */
    public SessionAffinityBuilder boundedLoad(double factor) {
        boundedLoad = Checks.between("boundedLoad", factor, 1, 1000);
        return this;
    }

    /**
     * Sets how long a draining server keeps its sessions unless the drain itself says so. Default: 5 minutes.
     *
     * @param time not negative; zero moves them at once
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public SessionAffinityBuilder drainTime(Duration time) {
        drainTime = Checks.notNegative("drainTime", time);
        return this;
    }

    /**
     * Sets how long a signed token is good for. One that has less than half of that left is issued anew, so a session that
     * is in use does not expire. Default: 8 hours.
     *
     * @param time 1 second to 10 years
     * @return this builder
     * @throws IllegalArgumentException if it is something else
     */
    public SessionAffinityBuilder lifetime(Duration time) {
        lifetime = Checks.between("lifetime", time, LEAST_LIFETIME, MOST_LIFETIME);
        return this;
    }

    /**
     * Sets how long a pick waits for a store's answer at most; then it goes on as if the session were not known. Default:
     * 10 ms. Zero where picks must not wait, as in gRPC.
     *
     * @param time not negative
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public SessionAffinityBuilder lookupWait(Duration time) {
        lookupWait = Checks.notNegative("lookupWait", time);
        return this;
    }

    /**
     * Sets the wall clock by which tokens expire. Default: the system's.
     *
     * @param source the clock
     * @return this builder
     */
    public SessionAffinityBuilder wallClock(InstantSource source) {
        clock = source;
        return this;
    }

    /**
     * Builds the affinity.
     *
     * @return the affinity
     * @throws IllegalArgumentException if no way was added
     */
    public SessionAffinity build() {
        if (ties.isEmpty()) {
            throw Checks.rejected("ways", "none", "at least one, such as cookie");
        }
        return new SessionAffinity(this, ties);
    }
}
