package io.lbclient.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a server sets, as RFC 6265, section 5.2 does. */
final class SetCookie {
    private SetCookie() {}

    /** The last value that is set under a name; null if none is. An empty one takes the cookie back. */
    static @Nullable String value(List<String> headers, String name) {
        String value = null;
        for (String header : headers) {
            int end = header.indexOf(';');
            int equals = header.indexOf('=');
            boolean pair = equals >= 0 && (end < 0 || equals < end);
            if (pair && header.substring(0, equals).trim().equals(name)) {
                value = header.substring(equals + 1, end < 0 ? header.length() : end)
                        .trim();
            }
        }
        return value;
    }
}
