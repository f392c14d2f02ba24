package io.lbclient.examples.resilience;

import java.util.Locale;

/**
 * The same load on the same servers at the same time, without hedging and with it. Whether hedging does what is promised
 * is seen in the difference: what both have is the machine's.
 *
 * @param plain without hedging
 * @param hedged with it
 */
record SideBySide(Tally plain, Tally hedged) {
    /** The part of the requests to which the servers add a second. */
    private static final double TAIL = 1.0 / FaultyServer.TAIL_ONE_IN;

    private static final double MOST_SLOW = 0.01;
    private static final double SLOW_MILLIS = 100;

    /** Nothing of the tail is under it. */
    private static final double LONGEST_MILLIS = 500;

    /** A hedge starts when most are answered, and then takes as long as any request. */
    private static final double TIMES_P90 = 3;

    /** What takes longer counts as slow: 100 ms, or what a hedge needs on a machine that is slow with everything. */
    double slowMillis() {
        return Math.min(LONGEST_MILLIS, Math.max(SLOW_MILLIS, TIMES_P90 * plain.percentile(90)));
    }

    /** The part of the hedged requests that may be slow: 1 %, and as many as the machine made slow without hedging too. */
    double mostSlow() {
        return MOST_SLOW + Math.max(0, (plain.slowerThan(slowMillis()) - TAIL) / (1 - TAIL));
    }

    /** Whether the p99 with hedging is what it is on a machine that is not slow of itself: under 100 ms. */
    boolean isFast() {
        return hedged.percentile(99) < SLOW_MILLIS;
    }

    void include(SideBySide other) {
        plain.include(other.plain);
        hedged.include(other.hedged);
    }

    /** Whether hedging spares the user the tail, whatever else the machine does to both. */
    boolean spares() {
        return hedged.slowerThan(slowMillis()) <= mostSlow();
    }

    String describe() {
        return String.format(
                Locale.ROOT,
                "%.2f %% of the requests took more than %.0f ms with hedging (expected: at most %.2f %%)",
                100 * hedged.slowerThan(slowMillis()),
                slowMillis(),
                100 * mostSlow());
    }
}
