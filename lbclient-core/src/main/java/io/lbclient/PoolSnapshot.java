package io.lbclient;

import java.util.List;

/**
 * A pool at one moment, for logs, metrics and people.
 *
 * <p>It shows what is raised on the servers now. Picks go by the last rebuild, so after a monitor's word the snapshot may be
 * ahead of them by one rebuild, which is a few milliseconds at most even of ten thousand servers. What a call of the pool
 * or of an operator changed is in force in both when the call returns.
 *
 * @param pool the pool's name
 * @param servers its servers, in the order in which the pool was given them
 */
public record PoolSnapshot(String pool, List<ServerSnapshot> servers) {
    /**
     * Copies the list.
     *
     * @param pool the pool's name
     * @param servers its servers
     */
    public PoolSnapshot {
        servers = List.copyOf(servers);
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
