package io.lbclient.balancer;

import io.lbclient.RequestView;
import io.lbclient.internal.Checks;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a hashing strategy reads of a request: requests with the same key go to the same server.
 *
 * <p>A key is read once for each pick, on the caller's thread, so it must not block. Text is hashed as its UTF-8 bytes
 * and an address as its text without the port; neither allocates, except for text that is not ASCII, for IPv6 addresses,
 * and for addresses under nginx's consistent hash and ketama. Anything else is hashed by its {@link Object#toString()}.
 * A request without the key, or with an empty one, falls back to what the strategy documents.
 *
 * <p>Implementations must be safe for use by many threads.
 */
@FunctionalInterface
public interface HashKey {
    /**
     * Reads the key.
     *
     * @param request the request
     * @return the key, such as a {@link String} or an {@link java.net.InetAddress}; null or empty if the request has none
     */
    @Nullable Object read(RequestView request);

    /**
     * Returns the address of the client on whose behalf the request is made, without a port.
     *
     * @return the client's address; missing if the application did not say it
     */
    static HashKey clientAddress() {
        return RequestView::clientAddress;
    }

    /**
     * Returns a header's value.
     *
     * @param name the header's name, in any case
     * @return the header; missing if the request has none of that name
     * @throws IllegalArgumentException if the name is empty
     */
    static HashKey header(String name) {
        notEmpty("header", name);
        return request -> request.header(name);
    }

    /**
     * Returns a cookie's value.
     *
     * @param name the cookie's exact name
     * @return the cookie; missing if the request has none of that name
     * @throws IllegalArgumentException if the name is empty
     */
    static HashKey cookie(String name) {
        notEmpty("cookie", name);
        return request -> request.cookie(name);
    }

    /**
     * Returns the path without the query.
     *
     * @return the path; missing if the protocol has none
     */
    static HashKey path() {
        return RequestView::path;
    }

    /**
     * Returns what the application attached to the request under a type.
     *
     * @param type the type under which it was attached
     * @return the attribute; missing if none was attached
     */
    static HashKey attribute(Class<?> type) {
        return request -> request.attribute(type);
    }

    /**
     * Returns a key that a function computes.
     *
     * @param function gives the key, or null or empty text if the request has none
     * @return the key
     */
    static HashKey of(Function<? super RequestView, @Nullable String> function) {
        return function::apply;
    }

    /**
     * Returns this key, or another one for requests that lack it.
     *
     * @param other the key to use then
     * @return the first of the two that a request has
     */
    default HashKey orElse(HashKey other) {
        return request -> {
            Object key = read(request);
            return KeyText.missing(key) ? other.read(request) : key;
        };
    }

    private static void notEmpty(String what, String name) {
        if (name.isEmpty()) {
            throw Checks.rejected(what, Checks.printable(name), "a name");
        }
    }
}
