package io.lbclient.grpc;

import io.grpc.Metadata;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads for how long a server wants to be left alone, in gRPC's way (proposal A6): milliseconds, or anything else for "do
 * not try again", which says nothing about other calls.
 */
final class PushBack {
    static final Metadata.Key<String> KEY = Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    /** More digits are more than anybody waits, and more than an int holds. */
    private static final int MOST_DIGITS = 9;

    private PushBack() {}

    static @Nullable Duration of(Metadata trailers) {
        String value = trailers.get(KEY);
        if (value == null || value.isEmpty() || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return null;
        }
        return Duration.ofMillis(value.length() > MOST_DIGITS ? Integer.MAX_VALUE : Integer.parseInt(value));
    }
}
