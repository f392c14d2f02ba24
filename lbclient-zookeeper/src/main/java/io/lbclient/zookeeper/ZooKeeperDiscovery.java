package io.lbclient.zookeeper;

import org.apache.curator.framework.CuratorFramework;

/**
 * Servers that are registered in ZooKeeper in the way of Apache Curator's service discovery: one ephemeral node for each,
 * watched, with JSON in it.
 *
 * <pre>{@code
 * ServerPool orders = ServerPool.builder("orders")
 *     .discovery(ZooKeeperDiscovery.of(client, "/services", "orders").build())
 *     .build();
 * }</pre>
 *
 * <p>An instance becomes a server with the id {@code address:port}. Of its payload, if that is a JSON object, {@code weight},
 * {@code zone} and {@code tier} are the server's own, and other texts, numbers and truth values are tags. An instance that is
 * not enabled is left out; one that is about to end says {@code "weight": 0}. Where two have one address and port, as for a
 * moment after a restart, the one that was registered last counts. The payload is read as plain data: a class that it names
 * is never loaded.
 */
public final class ZooKeeperDiscovery {
    private ZooKeeperDiscovery() {}

    /**
     * Begins a source.
     *
     * @param client a client that has been started; it stays its owner's, who closes it after the pools
     * @param basePath the path below which services are registered, such as {@code /services}
     * @param service the service's name
     * @return a builder with the defaults
     * @throws IllegalArgumentException if the path is not absolute, or the name is empty or has a slash in it
     */
    public static ZooKeeperDiscoveryBuilder of(CuratorFramework client, String basePath, String service) {
        if (!basePath.startsWith("/")) {
            throw new IllegalArgumentException("basePath: " + basePath + " (expected: a path that begins with /)");
        }
        if (service.isEmpty() || service.indexOf('/') >= 0) {
            throw new IllegalArgumentException("service: " + service + " (expected: a name without /)");
        }
        return new ZooKeeperDiscoveryBuilder(client, basePath, service);
    }
}
