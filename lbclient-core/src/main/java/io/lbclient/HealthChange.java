package io.lbclient;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change of a server's health: what was raised or cleared, and what came of it.
 *
 * <p>A cause that several monitors raise is raised with the first of them and cleared with the last; what happens in
 * between is no change. A monitor that has a new reason for what it holds up tells it as another raise.
 *
 * @param pool the pool's name
 * @param server the server
 * @param from the state before
 * @param to the state after; equal to {@code from} if another cause outweighs this one
 * @param cause the cause that was raised or cleared
 * @param raised true if it was raised, false if it was cleared
 * @param detail why, in plain words and with the figures
 * @param until when it ends, or is looked at again, at the earliest, on the wall clock; null if it was cleared, or if
 *     that is not a matter of time
 */
public record HealthChange(
        String pool,
        Server server,
        HealthState from,
        HealthState to,
        HealthCause cause,
        boolean raised,
        String detail,
        @Nullable Instant until) {}
