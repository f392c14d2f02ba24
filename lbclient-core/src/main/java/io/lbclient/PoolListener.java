package io.lbclient;

import java.util.Map;
import java.util.Set;

/**
 * Is told what changes in a pool.
 *
 * <p>The calls come one at a time and in order, after the change is in force, on whichever thread made it or on the
 * pool's scheduler, and never while the pool holds a lock. A listener must not block for long, since it delays the
 * news for the others; what it throws is caught and logged.
 */
public interface PoolListener {
    /**
     * A server joined.
     *
     * @param pool the pool's name
     * @param server the server
     */
    default void serverAdded(String pool, Server server) {}

    /**
     * A server left. What is in flight to it goes on.
     *
     * @param pool the pool's name
     * @param server the server
     */
    default void serverRemoved(String pool, Server server) {}

    /**
     * A server got other settings.
     *
     * @param pool the pool's name
     * @param before the server as it was
     * @param after the server as it is, with the same id
     */
    default void serverUpdated(String pool, Server before, Server after) {}

    /**
     * A cause was raised on a server, or cleared.
     *
     * @param change what changed
     */
    default void healthChanged(HealthChange change) {}

    /**
     * A tier went into panic, or came out of it: too few of its servers are healthy, and no other tier can take the
     * load. See {@link Failover}.
     *
     * @param snapshot the pool at that moment
     * @param tiers the tiers in panic now; empty if none is
     */
    default void panicChanged(PoolSnapshot snapshot, Set<Integer> tiers) {}

    /**
     * The load moved between tiers: a standby stepped in, or stepped back.
     *
     * @param pool the pool's name
     * @param before the load of each tier that had any, in percent
     * @param after the load of each tier that has any, in percent
     */
    default void failedOver(String pool, Map<Integer, Integer> before, Map<Integer, Integer> after) {}

    /**
     * No server is left in the ordinary way. If some are only thought to be bad, they are picked nevertheless, since a
     * bad server may answer and none cannot; if there are none but draining ones, picks fail.
     *
     * @param snapshot the pool at that moment
     */
    default void noneEligible(PoolSnapshot snapshot) {}
}
