package io.lbclient.balancer;

import java.time.Duration;

/** Settings are rejected where they are given, in one form: {@code name: value (expected: ...)}. */
final class Settings {
    private Settings() {}

    static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    static int between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    /** Written so that NaN is refused too. */
    static double between(String name, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    static Duration between(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }
}
