package io.lbclient;

import io.lbclient.internal.Checks;

/**
 * When the load moves from a tier of servers to the next, and what happens when too few are healthy anywhere.
 *
 * <p>Servers of {@linkplain Server#tier() tier} 0 take the load as long as their healthy part, times the
 * overprovisioning factor, covers it. What it does not cover goes to tier 1, and so on: a standby tier steps in by
 * degrees and steps back. With all servers in one tier, all are active.
 *
 * @param overprovisioningPercent the factor in percent, at least 100; with 140, the load begins to move when less than 72
 *     of 100 servers are healthy
 * @param panicThreshold percent, 0 to 100: while no combination of tiers can cover the load, a tier whose healthy part
 *     is less than this is in panic: its health is taken to be misjudged. With 0, only when nothing is eligible at all
 * @param failInPanic false: in panic all servers of the tier are picked, those thought to be bad included; true: a tier
 *     in panic gets nothing, and when no other is left, picks fail at once
 */
public record Failover(int overprovisioningPercent, int panicThreshold, boolean failInPanic) {
    /** What a pool has unless told otherwise: factor 1.4 as in Envoy, panic only when nothing is eligible, no failing. */
    public static final Failover DEFAULT = new Failover(140, 0, false);

    /**
     * Checks the numbers.
     *
     * @param overprovisioningPercent the factor in percent
     * @param panicThreshold percent
     * @param failInPanic whether a tier in panic gets nothing
     * @throws IllegalArgumentException if a number is outside what the record says of it
     */
    public Failover {
        Checks.atLeast("overprovisioningPercent", overprovisioningPercent, 100);
        Checks.between("panicThreshold", panicThreshold, 0, 100);
    }

    /**
     * Returns a copy with another panic threshold.
     *
     * @param percent 0 to 100; Envoy's is 50
     * @return the copy
     * @throws IllegalArgumentException if it is less than 0 or more than 100
     */
    public Failover withPanicThreshold(int percent) {
        return new Failover(overprovisioningPercent, percent, failInPanic);
    }

    /**
     * Returns a copy with another overprovisioning factor.
     *
     * @param percent the factor in percent, at least 100
     * @return the copy
     * @throws IllegalArgumentException if it is less than 100
     */
    public Failover withOverprovisioningPercent(int percent) {
        return new Failover(percent, panicThreshold, failInPanic);
    }

    /**
     * Returns a copy whose picks fail at once rather than go to servers that are thought to be bad.
     *
     * @return the copy
     */
    public Failover failingInPanic() {
        return new Failover(overprovisioningPercent, panicThreshold, true);
    }
}
