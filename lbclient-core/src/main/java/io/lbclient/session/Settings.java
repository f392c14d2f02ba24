package io.lbclient.session;

import java.time.Duration;

/** Settings are rejected where they are given, in one form: {@code name: value (expected: ...)}. */
final class Settings {
    /** What a count of nanoseconds can hold. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    private static final String SEPARATORS = "()<>@,;:\\\"/[]?={} \t";
    private static final int MAX_NAME = 128;

    private Settings() {}

    static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    static Duration positive(String name, Duration duration) {
        if (duration.isZero()) {
            throw rejected(name, duration, "> 0 and at most " + LONGEST);
        }
        return notNegative(name, duration);
    }

    static Duration notNegative(String name, Duration duration) {
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw rejected(name, duration, ">= 0 and at most " + LONGEST);
        }
        return duration;
    }

    static int within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    /** The name of a cookie or a header: a token of RFC 9110, so that nothing in it can end a line or begin a value. */
    static String headerName(String what, String name) {
        boolean right = !name.isEmpty()
                && name.length() <= MAX_NAME
                && name.chars().allMatch(c -> c > 0x20 && c < 0x7f && SEPARATORS.indexOf(c) < 0);
        if (!right) {
            throw rejected(
                    what, printable(name), "1 to " + MAX_NAME + " letters, digits and ! # $ % & ' * + - . ^ _ ` | ~");
        }
        return name;
    }

    private static String printable(String value) {
        StringBuilder text = new StringBuilder("\"");
        value.chars()
                .limit(MAX_NAME)
                .forEach(c -> text.append(c >= 0x20 && c < 0x7f ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
        return text.append('"').toString();
    }
}
