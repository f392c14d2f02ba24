package io.lbclient.grpc;

import java.time.Duration;

/** Settings are rejected where they are given, in one form: {@code name: value (expected: ...)}. */
final class Checks {
    private static final Duration LONGEST = Duration.ofDays(1);

    private Checks() {}

    static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    static Duration positive(String name, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
            throw rejected(name, value, "> 0 and at most " + LONGEST);
        }
        return value;
    }

    static Duration notNegative(String name, Duration value) {
        if (value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw rejected(name, value, ">= 0 and at most " + LONGEST);
        }
        return value;
    }

    static int between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }
}
