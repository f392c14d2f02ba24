package io.lbclient;

/**
 * A change of a server's health: what was raised or cleared, and what came of it.
 *
 * @param pool the pool's name
 * @param server the server
 * @param from the state before
 * @param to the state after; equal to {@code from} if another cause outweighs this one
 * @param cause the cause that was raised or cleared
 * @param raised true if it was raised, false if it was cleared
 * @param detail why, in plain words and with the figures
 */
public record HealthChange(
        String pool,
        Server server,
        HealthState from,
        HealthState to,
        HealthCause cause,
        boolean raised,
        String detail) {}
