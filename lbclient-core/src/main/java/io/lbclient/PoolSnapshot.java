package io.lbclient;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool at one moment, for logs, metrics and people.
 *
 * <p>It shows what is raised on the servers now. Picks go by the last rebuild, so after a monitor's word the snapshot may be
 * ahead of them by one rebuild, which is a few milliseconds at most even of ten thousand servers. What a call of the pool
 * or of an operator changed is in force in both when the call returns.
 *
 * @param pool the pool's name
 * @param servers its servers, in the order in which the pool was given them
 * @param listAge how long ago the pool's discovery last said, or confirmed, which servers there are; since its beginning, if
 *     it has not yet; null if the pool has none, and in the snapshots that listeners are handed
 */
public record PoolSnapshot(
        String pool, List<ServerSnapshot> servers, @Nullable Duration listAge) {
    /**
     * Copies the list.
     *
     * @param pool the pool's name
     * @param servers its servers
     * @param listAge the age of the list; null without a discovery
     */
    public PoolSnapshot {
        servers = List.copyOf(servers);
    }

    /**
     * Makes the snapshot of a pool without a discovery.
     *
     * @param pool the pool's name
     * @param servers its servers
     */
    public PoolSnapshot(String pool, List<ServerSnapshot> servers) {
        this(pool, servers, null);
    }

    /**
     * Returns how many servers are picked in the ordinary way.
     *
     * @return the count
     */
    public int eligible() {
        return (int) servers.stream().filter(s -> s.state().eligible()).count();
    }
}
