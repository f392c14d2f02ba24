package io.lbclient;

import java.time.Duration;

/** Settings are rejected where they are given, in one form: {@code name: value (expected: ...)}. */
final class Checks {
    private static final int MAX_TOKEN_LENGTH = 256;

    private Checks() {}

    static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    static double weight(double weight) {
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw rejected("weight", weight, "finite and >= 0");
        }
        return weight;
    }

    static Duration positive(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw rejected(name, duration, "> 0");
        }
        return duration;
    }

    static int atLeast(String name, int value, int least) {
        if (value < least) {
            throw rejected(name, value, ">= " + least);
        }
        return value;
    }

    /**
     * Ids, zones and tags end up in logs, headers and cookies, so no character may mean anything there: visible ASCII
     * only, which leaves out spaces, control characters and everything that a line break can be made of.
     */
    static String token(String name, String value) {
        if (value.isEmpty() || value.length() > MAX_TOKEN_LENGTH || !isVisibleAscii(value)) {
            throw rejected(name, printable(value), "1 to " + MAX_TOKEN_LENGTH + " visible ASCII characters");
        }
        return value;
    }

    /** A host name, an IPv4 address, or an IPv6 address without brackets. */
    static String host(String host) {
        boolean wrong = host.isEmpty() || host.length() > 253 || !isVisibleAscii(host);
        for (int i = 0; i < host.length() && !wrong; i++) {
            wrong = "/\\@#?[]\"<>,;".indexOf(host.charAt(i)) >= 0;
        }
        if (wrong) {
            throw rejected("host", printable(host), "a host name or an IP address without brackets");
        }
        return host;
    }

    private static boolean isVisibleAscii(String value) {
        return value.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    }

    /** An error message goes to logs too: what was refused must not get there by being refused. */
    private static String printable(String value) {
        String shown = value.length() > MAX_TOKEN_LENGTH ? value.substring(0, MAX_TOKEN_LENGTH) + "..." : value;
        StringBuilder text = new StringBuilder("\"");
        shown.chars()
                .forEach(c -> text.append(c >= 0x20 && c < 0x7f ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
        return text.append('"').toString();
    }
}
