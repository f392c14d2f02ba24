package io.lbclient.test.sim;

import java.time.Duration;

/** Rejects settings that make no sense, and says what would. */
final class Checks {
    private Checks() {}

    static IllegalArgumentException rejected(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    static int atLeast(String name, int value, int least) {
        if (value < least) {
            throw rejected(name, value, "at least " + least);
        }
        return value;
    }

    static double between(String name, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw rejected(name, value, least + " to " + most);
        }
        return value;
    }

    static double positive(String name, double value) {
        if (!(value > 0 && value <= Double.MAX_VALUE)) {
            throw rejected(name, value, "> 0");
        }
        return value;
    }

    static Duration positive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw rejected(name, value, "> 0");
        }
        return value;
    }

    static Duration notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw rejected(name, value, ">= 0");
        }
        return value;
    }
}
