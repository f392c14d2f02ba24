package io.lbclient.net;

import java.time.Duration;

/** Settings are rejected where they are given, in one form: {@code name: value (expected: ...)}. */
final class Checks {
    /** What the timeouts of sockets can hold. */
    private static final Duration LONGEST = Duration.ofMillis(Integer.MAX_VALUE);

    private Checks() {}

    static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    static Duration positive(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero() || duration.compareTo(LONGEST) > 0) {
            throw rejected(name, duration, "> 0 and at most " + LONGEST);
        }
        return duration;
    }

    static Duration notNegative(String name, Duration duration) {
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw rejected(name, duration, ">= 0 and at most " + LONGEST);
        }
        return duration;
    }

    static int atLeast(String name, int value, int least) {
        if (value < least) {
            throw rejected(name, value, ">= " + least);
        }
        return value;
    }
}
