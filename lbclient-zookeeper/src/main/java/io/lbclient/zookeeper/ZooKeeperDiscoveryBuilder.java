package io.lbclient.zookeeper;

import io.lbclient.discovery.GuardRails;
import io.lbclient.discovery.GuardedDiscovery;
import org.apache.curator.framework.CuratorFramework;

/** Collects the settings of a ZooKeeper source; not safe for use by several threads. Each method returns this builder. */
public final class ZooKeeperDiscoveryBuilder {
    final CuratorFramework client;
    final String basePath;
    final String service;
    boolean tls;
    GuardRails guardRails = GuardRails.standard();

    ZooKeeperDiscoveryBuilder(CuratorFramework client, String basePath, String service) {
        this.client = client;
        this.basePath = basePath;
        this.service = service;
    }

    /**
     * Sets which of the two ports of an instance is the server's. Default: the plain one.
     *
     * @param use true for the one for TLS
     * @return this builder
     */
    public ZooKeeperDiscoveryBuilder tlsPort(boolean use) {
        tls = use;
        return this;
    }

    /**
     * Sets the guard rails. Default: {@link GuardRails#standard()}.
     *
     * @param rails the settings
     * @return this builder
     */
    public ZooKeeperDiscoveryBuilder guardRails(GuardRails rails) {
        guardRails = rails;
        return this;
    }

    /**
     * Builds the source.
     *
     * @return the source; nothing is read before a pool subscribes to it
     */
    public GuardedDiscovery build() {
        return guardRails.around(new ZooKeeperSource(client, basePath, service, new Instances(tls)));
    }
}
