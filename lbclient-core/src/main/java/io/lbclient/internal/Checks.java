package io.lbclient.internal;

import java.time.Duration;

/**
 * Settings are rejected where they are given, in one form: {@code name: value (expected: ...)}. Each check returns the
 * value that it was given.
 */
public final class Checks {
    /** What a count of nanoseconds can hold. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    private static final int MOST_SHOWN = 256;

    /** What {@link #visible} asks for. */
    public static final String VISIBLE = "1 to " + MOST_SHOWN + " visible ASCII characters";

    private Checks() {}

    public static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    public static Duration positive(String name, Duration value) {
        return positive(name, value, LONGEST);
    }

    public static Duration positive(String name, Duration value, Duration longest) {
        if (value.isNegative() || value.isZero() || value.compareTo(longest) > 0) {
            throw rejected(name, value, "> 0 and at most " + longest);
        }
        return value;
    }

    public static Duration notNegative(String name, Duration value) {
        return notNegative(name, value, LONGEST);
    }

    public static Duration notNegative(String name, Duration value, Duration longest) {
        if (value.isNegative() || value.compareTo(longest) > 0) {
            throw rejected(name, value, ">= 0 and at most " + longest);
        }
        return value;
    }

    public static double notNegative(String name, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw rejected(name, value, "finite and >= 0");
        }
        return value;
    }

    public static Duration between(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    public static int atLeast(String name, int value, int least) {
        if (value < least) {
            throw rejected(name, value, ">= " + least);
        }
        return value;
    }

    public static int between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    /** Written so that NaN is refused too. */
    public static double between(String name, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    /** Names end up in logs, so no character may mean anything there: no space, nothing that ends a line. */
    public static String visible(String name, String value) {
        if (value.isEmpty() || value.length() > MOST_SHOWN || !value.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw rejected(name, printable(value), VISIBLE);
        }
        return value;
    }

    /** Text that came from elsewhere, in quotation marks, for a message, which goes to logs too. */
    public static String printable(String value) {
        return '"' + escaped(value) + '"';
    }

    /** The same without quotation marks: nothing in it can break a line or colour a terminal. */
    public static String escaped(String value) {
        String shown = value.length() > MOST_SHOWN ? value.substring(0, MOST_SHOWN) + "..." : value;
        StringBuilder text = new StringBuilder();
        shown.chars()
                .forEach(c -> text.append(c >= 0x20 && c < 0x7f ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
        return text.toString();
    }
}
