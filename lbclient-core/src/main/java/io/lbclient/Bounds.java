package io.lbclient;

import org.jspecify.annotations.Nullable;

/**
 * What keeps picks from a server without taking it out of the pool: a bound on its share, a push-back of its own, and a
 * limit on what may be in flight to it. Immutable.
 *
 * @param share null for none
 * @param isPushedBack whether the server asked to be left alone
 * @param until until when, as a reading of the ticker
 * @param inFlight how many attempts may be in flight, {@link #UNLIMITED} for any number
 */
record Bounds(MonitoredPool.@Nullable ShareLimit share, boolean isPushedBack, long until, int inFlight) {
    static final int UNLIMITED = Integer.MAX_VALUE;
    static final Bounds NONE = new Bounds(null, false, 0, UNLIMITED);

    boolean isNone() {
        return share == null && !isPushedBack && inFlight == UNLIMITED;
    }

    boolean isPushedBack(long now) {
        return isPushedBack && until - now > 0;
    }

    Bounds withShare(MonitoredPool.@Nullable ShareLimit limit) {
        return new Bounds(limit, isPushedBack, until, inFlight);
    }

    Bounds withInFlight(int limit) {
        return new Bounds(share, isPushedBack, until, limit);
    }

    Bounds pushedBack(long end) {
        return isPushedBack && end - until <= 0 ? this : new Bounds(share, true, end, inFlight);
    }

    Bounds welcome() {
        return new Bounds(share, false, 0, inFlight);
    }
}
