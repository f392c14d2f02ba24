package io.lbclient.test.sim;

import java.time.Duration;

/**
 * What goes wrong with a server for a while; see {@link Scenario.Builder#fault}. Immutable.
 *
 * @param kind what it is
 * @param amount the factor or the share that the kind asks for
 * @param after how long a failure that takes no work takes
 */
public record Fault(Kind kind, double amount, Duration after) {
    /** The kinds of faults. */
    public enum Kind {
        /** Works, but slower. */
        SLOW,
        /** Answers with a failure after a fixed time, without doing the work. */
        FAIL_FAST,
        /** Does the work, and then answers with a failure. */
        FAIL_LATE,
        /** Takes requests and never answers them. */
        HANG,
        /** Lets no connection come about. */
        REFUSE,
        /** Finishes what it has, lets no connection come about, and comes back cold. */
        RESTART
    }

    /**
     * Checks the settings.
     *
     * @param kind what it is
     * @param amount the factor or the share that the kind asks for
     * @param after how long a failure that takes no work takes
     * @throws IllegalArgumentException if the kind asks for another amount, or the time is negative
     */
    public Fault {
        Checks.notNegative("after", after);
        switch (kind) {
            case SLOW -> Checks.positive("factor", amount);
            case FAIL_FAST, FAIL_LATE -> Checks.between("share", amount, 0, 1);
            case HANG, REFUSE, RESTART -> Checks.between("amount", amount, 0, 0);
        }
    }

    /**
     * Returns a slow-down of everything that the server does.
     *
     * @param factor how many times slower, greater than 0
     * @return the fault
     * @throws IllegalArgumentException if it is not
     */
    public static Fault slow(double factor) {
        return new Fault(Kind.SLOW, factor, Duration.ZERO);
    }

    /**
     * Returns quick failures.
     *
     * @param share the share of requests that fail, 0 to 1
     * @param after how long a failure takes
     * @return the fault
     * @throws IllegalArgumentException if one is out of range
     */
    public static Fault failFast(double share, Duration after) {
        return new Fault(Kind.FAIL_FAST, share, after);
    }

    /**
     * Returns failures that take as long as good answers.
     *
     * @param share the share of requests that fail, 0 to 1
     * @return the fault
     * @throws IllegalArgumentException if it is out of range
     */
    public static Fault failLate(double share) {
        return new Fault(Kind.FAIL_LATE, share, Duration.ZERO);
    }

    /**
     * Returns silence: requests are taken and never answered, not even when the fault is over.
     *
     * @return the fault
     */
    public static Fault hang() {
        return new Fault(Kind.HANG, 0, Duration.ZERO);
    }

    /**
     * Returns a server that cannot be connected to. What it has, it finishes.
     *
     * @return the fault
     */
    public static Fault refuse() {
        return new Fault(Kind.REFUSE, 0, Duration.ZERO);
    }

    /**
     * Returns a restart: as {@link #refuse()}, and afterwards the server is cold and its cache is empty.
     *
     * @return the fault
     */
    public static Fault restart() {
        return new Fault(Kind.RESTART, 0, Duration.ZERO);
    }
}
