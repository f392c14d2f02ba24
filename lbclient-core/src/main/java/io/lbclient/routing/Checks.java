package io.lbclient.routing;

/** Settings are rejected where they are given, in one form: {@code name: value (expected: ...)}. */
final class Checks {
    private static final int MAX_NAME_LENGTH = 256;
    private static final int MAX_SHOWN = 200;

    private Checks() {}

    static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    /** A name ends up in logs, so no character may mean anything there. */
    static String name(String what, String value) {
        boolean visible = value.chars().allMatch(c -> c > 0x20 && c < 0x7f);
        if (value.isEmpty() || value.length() > MAX_NAME_LENGTH || !visible) {
            throw rejected(what, printable(value), "1 to " + MAX_NAME_LENGTH + " visible ASCII characters");
        }
        return value;
    }

    static double weight(String what, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw rejected(what, value, "finite and >= 0");
        }
        return value;
    }

    /** Text of a request goes to logs: what it contains must not mean anything there. */
    static String printable(String value) {
        String shown = value.length() > MAX_SHOWN ? value.substring(0, MAX_SHOWN) + "..." : value;
        StringBuilder text = new StringBuilder("\"");
        shown.chars()
                .forEach(c -> text.append(c >= 0x20 && c < 0x7f ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
        return text.append('"').toString();
    }
}
