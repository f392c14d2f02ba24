package io.lbclient;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What hashing, routing and stickiness may read of a request.
 *
 * <p>An adapter shows its request through this; every method has a default that knows nothing, so an implementation
 * overrides what it has. A view is read during a pick, on the caller's thread, and must answer without blocking.
 */
public interface RequestView {
    /** A request of which nothing is known. */
    RequestView EMPTY = new RequestView() {
        @Override
        public String toString() {
            return "RequestView.EMPTY";
        }
    };

    /**
     * Returns the method, such as {@code GET}.
     *
     * @return the method; empty if the protocol has none
     */
    default String method() {
        return "";
    }

    /**
     * Returns the path, such as {@code /api/items}, or {@code /shop.Orders/Get} of a gRPC method.
     *
     * @return the path without the query; empty if the protocol has none
     */
    default String path() {
        return "";
    }

    /**
     * Returns the host that the request was made to, such as {@code orders.example}, or a gRPC authority.
     *
     * @return the host, with or without a port; empty if the protocol has none
     */
    default String host() {
        return "";
    }

    /**
     * Returns the value of a query parameter.
     *
     * @param name the exact name, decoded
     * @return the first value of that name, decoded, and empty if the name stands alone; null if the request has none
     */
    default @Nullable String query(String name) {
        return null;
    }

    /**
     * Returns a header's value.
     *
     * @param name the name, in any case
     * @return the last value of that name, or null if the request has none
     */
    default @Nullable String header(String name) {
        return null;
    }

    /**
     * Returns a cookie's value.
     *
     * @param name the exact name
     * @return the first value of that name, or null if the request has none
     */
    default @Nullable String cookie(String name) {
        return null;
    }

    /**
     * Returns the address of the client on whose behalf the request is made.
     *
     * @return the address, or null if the application did not say
     */
    default @Nullable InetAddress clientAddress() {
        return null;
    }

    /**
     * Returns what the application attached to the request under a type.
     *
     * @param type the type under which it was attached
     * @param <T> that type
     * @return the attribute, or null if there is none
     */
    default <T> @Nullable T attribute(Class<T> type) {
        return null;
    }
}
