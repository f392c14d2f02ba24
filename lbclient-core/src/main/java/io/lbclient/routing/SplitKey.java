package io.lbclient.routing;

import io.lbclient.RequestView;
import java.net.InetAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a split reads of a request: requests with the same key go to the same pool. Immutable; prints what it reads.
 */
public final class SplitKey {
    private final String description;
    private final Function<RoutedRequest, @Nullable String> reader;

    private SplitKey(String description, Function<RoutedRequest, @Nullable String> reader) {
        this.description = description;
        this.reader = reader;
    }

    private static SplitKey of(Field field) {
        return new SplitKey(field.toString(), field::value);
    }

    /**
     * Returns a header's value.
     *
     * @param name the name, in any case
     * @return the key; missing if the request has no such header
     * @throws IllegalArgumentException if the name is empty
     */
    public static SplitKey header(String name) {
        return of(Condition.header(name));
    }

    /**
     * Returns a cookie's value.
     *
     * @param name the exact name
     * @return the key; missing if the request has no such cookie
     * @throws IllegalArgumentException if the name is empty
     */
    public static SplitKey cookie(String name) {
        return of(Condition.cookie(name));
    }

    /**
     * Returns a query parameter's value.
     *
     * @param name the exact name, decoded
     * @return the key; missing if the request has no such parameter
     * @throws IllegalArgumentException if the name is empty
     */
    public static SplitKey query(String name) {
        return of(Condition.query(name));
    }

    /**
     * Returns the first value of a claim of the request's verified token, such as its subject.
     *
     * @param name the exact name
     * @return the key; missing if the request has no valid token or its token no such claim
     * @throws IllegalArgumentException if the name is empty
     */
    public static SplitKey claim(String name) {
        return of(Condition.claim(name));
    }

    /**
     * Returns the address of the client on whose behalf the request is made.
     *
     * @return the key; missing if the application did not say it
     */
    public static SplitKey clientAddress() {
        return new SplitKey("client address", request -> {
            InetAddress address = request.view.clientAddress();
            return address == null ? null : address.getHostAddress();
        });
    }

    /**
     * Returns no key: every request is drawn on its own.
     *
     * @return the key that is always missing
     */
    public static SplitKey none() {
        return new SplitKey("no key", request -> null);
    }

    /**
     * Returns a key that a function computes.
     *
     * @param description what it reads, for people
     * @param function gives the key, or null if the request has none; it must not block
     * @return the key
     */
    public static SplitKey of(String description, Function<? super RequestView, @Nullable String> function) {
        return new SplitKey(description, request -> function.apply(request.view));
    }

    @Nullable String read(RoutedRequest request) {
        return reader.apply(request);
    }

    @Override
    public String toString() {
        return description;
    }
}
