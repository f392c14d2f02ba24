package io.lbclient.dns;

import java.time.Duration;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/** Settings are rejected where they are given, in one form: {@code name: value (expected: ...)}. */
final class Checks {
    private static final Duration LONGEST = Duration.ofDays(7);

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

    static int between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    static Name name(String setting, String text) {
        try {
            return Name.fromString(text);
        } catch (TextParseException e) {
            throw new IllegalArgumentException(setting + ": " + text + " (expected: a domain name)", e);
        }
    }
}
