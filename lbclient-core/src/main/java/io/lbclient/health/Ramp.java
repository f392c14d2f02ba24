package io.lbclient.health;

import io.lbclient.Candidate;
import io.lbclient.MonitoredPool.ShareLimit;

/**
 * One server's slow start, as a bound on its picks: what it may have had by now.
 *
 * <p>A probability would not do. A strategy that looks at the load names an idle newcomer at almost every pick, so that
 * a tenth of these may be more than its full share. So the picks are counted, and compared with those of its peers,
 * which the watch measures a hundred times in a window; in between, the last measured pace is carried on.
 */
final class Ramp implements ShareLimit {
    /** Without any, a pool that was idle would not let a newcomer have its first pick. */
    private static final double FIRST_PICKS = 1;

    /** What it did not use is kept for this many sweeps only, or a newcomer that was slow would be owed a flood. */
    private static final int CARRIED_SWEEPS = 2;

    final Candidate server;
    private final long longestNanos;
    private volatile Pace pace;
    // Written by one sweep at a time.
    private volatile long elapsedNanos;
    private volatile long advancedAt;

    /** The picks it may have had at a time, and how many more it may have with each nanosecond. */
    private record Pace(double allowed, double picksPerNano, long at) {}

    Ramp(Candidate server, long now, long sweepNanos) {
        this.server = server;
        this.advancedAt = now;
        this.longestNanos = CARRIED_SWEEPS * sweepNanos;
        this.pace = new Pace(server.picks() + FIRST_PICKS, 0, now);
    }

    /** Lets the time since the last call pass; a sweep's worth if the clock was set back, so that it comes to an end. */
    void advance(long now, long sweepNanos) {
        long since = now - advancedAt;
        long before = elapsedNanos;
        elapsedNanos = before + (since < 0 ? sweepNanos : since);
        advancedAt = now;
    }

    long elapsedNanos() {
        return elapsedNanos;
    }

    /** Sets the pace that the peers' picks since the last sweep allow. */
    void pace(double picksPerNano, long now) {
        Pace before = pace;
        double carried = FIRST_PICKS + picksPerNano * longestNanos;
        double allowed = Math.min(allowedAt(before, now), server.picks() + carried);
        pace = new Pace(allowed, picksPerNano, now);
    }

    /** Lifts the bound until the next pace is set. */
    void unbounded(long now) {
        pace = new Pace(Double.POSITIVE_INFINITY, 0, now);
    }

    @Override
    public double at(long now) {
        return server.picks() < allowedAt(pace, now) ? 1 : 0;
    }

    private double allowedAt(Pace known, long now) {
        // A clock that jumped must not allow a flood.
        long since = Math.min(Math.max(0, now - known.at), longestNanos);
        return known.allowed + known.picksPerNano * since;
    }
}
