package io.lbclient.retry;

import java.time.Duration;

/** Settings are rejected where they are given, in one form: {@code name: value (expected: ...)}. */
final class Settings {
    /** What a count of nanoseconds can hold. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    private Settings() {}

    static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    static Duration positive(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero() || duration.compareTo(LONGEST) > 0) {
            throw rejected(name, duration, "> 0 and at most " + LONGEST);
        }
        return duration;
    }

    static int within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    static double within(String name, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }
}
