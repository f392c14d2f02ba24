package io.lbclient;

import java.util.List;

/**
 * A pool at one moment, for logs, metrics and people.
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
