/** Servers from ZooKeeper. Begin at {@link io.lbclient.zookeeper.ZooKeeperDiscovery}. */
@NullMarked
package io.lbclient.zookeeper;

import org.jspecify.annotations.NullMarked;
