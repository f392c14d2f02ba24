package io.lbclient.okhttp;

import java.time.Duration;

/** Settings are refused, never repaired. */
final class Checks {
    private Checks() {}

    static int between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    /** Above zero, and short enough to be counted in nanoseconds. */
    static Duration positive(String name, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0) {
            throw rejected(name, value, "> 0");
        }
        return value;
    }

    static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
}
