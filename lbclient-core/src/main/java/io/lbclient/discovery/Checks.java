package io.lbclient.discovery;

import java.time.Duration;

/** Settings are rejected where they are given, in one form: {@code name: value (expected: ...)}. */
final class Checks {
    private static final int SHOWN = 256;
    /** What a count of nanoseconds can hold, with room for a sum of two. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

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

    static double within(String name, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    /** What a source sends goes to logs: nothing in it may break a line or colour a terminal. */
    static String printable(String value) {
        String shown = value.length() > SHOWN ? value.substring(0, SHOWN) + "..." : value;
        StringBuilder text = new StringBuilder();
        shown.chars()
                .forEach(c -> text.append(c >= 0x20 && c < 0x7f ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
        return text.toString();
    }
}
