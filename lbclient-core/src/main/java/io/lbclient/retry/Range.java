package io.lbclient.retry;

import io.lbclient.internal.Checks;

/** Where an adaptive limit begins, and between what it moves. Not safe for use by several threads while it is changed. */
final class Range {
    private int initial = 20;
    private int min = 1;
    private int max = 200;

    void initial(int limit) {
        initial = Checks.between("initial", limit, 1, Integer.MAX_VALUE - 1);
    }

    void between(int least, int most) {
        Checks.between("min", least, 1, Integer.MAX_VALUE - 1);
        Checks.between("max", most, least, Integer.MAX_VALUE - 1);
        min = least;
        max = most;
    }

    Range copy() {
        Range copy = new Range();
        copy.initial = initial;
        copy.min = min;
        copy.max = max;
        return copy;
    }

    int initial() {
        return (int) clamp(initial);
    }

    double clamp(double limit) {
        return Math.min(Math.max(limit, min), max);
    }
}
