package io.lbclient.zookeeper;

import io.lbclient.ServerDiscovery;
import org.apache.curator.framework.CuratorFramework;

/** A ZooKeeper source as a pool subscribes to it. */
record ZooKeeperSource(CuratorFramework client, String basePath, String service, Instances instances)
        implements ServerDiscovery {
    @Override
    public Subscription subscribe(Sink sink) {
        ZooKeeperWatch watch = new ZooKeeperWatch(this, sink);
        StartThreads.SHARED.execute(watch::load);
        return watch;
    }

    @Override
    public String toString() {
        return "ZooKeeper " + basePath + "/" + service;
    }
}
