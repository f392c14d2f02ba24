package io.lbclient.notify;

import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/** Settings are rejected where they are given, in one form: {@code name: value (expected: ...)}. */
final class Checks {
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int MAX_VALUE = 4_096;

    private Checks() {}

    static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    static Duration duration(String name, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
            throw rejected(name, value, "> 0 and at most " + LONGEST);
        }
        return value;
    }

    static int between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    /** The path, the query and the user information may be secrets, so what is refused is shown without them. */
    static URI webhook(URI url) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        boolean web = scheme.equals("http") || scheme.equals("https");
        if (!web || url.getHost() == null || url.getRawFragment() != null || url.getPort() == 0) {
            throw rejected("webhook", origin(url), "an absolute http or https URL with a host, without a fragment");
        }
        if (url.getRawUserInfo() != null) {
            throw rejected(
                    "webhook", origin(url), "no user information in the URL; use header(\"Authorization\", ...)");
        }
        return url;
    }

    /** What may be logged of a URL. */
    static String origin(URI url) {
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        return url.getScheme() + "://" + url.getHost() + port;
    }

    /** A value is never shown: it may be a password. */
    static void header(String name, String value, Set<String> reserved) {
        boolean printable = value.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
        if (value.isBlank() || value.length() > MAX_VALUE || !printable) {
            throw rejected(
                    "header value",
                    "(" + value.length() + " characters, not shown)",
                    "1 to " + MAX_VALUE + " printable ASCII characters");
        }
        if (reserved.contains(name.toLowerCase(Locale.ROOT)) || !accepted(name)) {
            throw rejected("header", Printable.of(name), "the name of a header that the notifier does not set itself");
        }
    }

    private static boolean accepted(String headerName) {
        try {
            HttpRequest.newBuilder().header(headerName, "value");
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static void label(String name, String value, Set<String> reserved) {
        if (!name.matches("[a-zA-Z_][a-zA-Z0-9_]{0,127}") || reserved.contains(name)) {
            throw rejected("label", Printable.of(name), "letters, digits and _, and none of " + reserved);
        }
        if (value.isBlank() || value.length() > 256 || value.chars().anyMatch(Character::isISOControl)) {
            throw rejected("label " + name, Printable.of(value), "1 to 256 characters that are not control characters");
        }
    }
}
