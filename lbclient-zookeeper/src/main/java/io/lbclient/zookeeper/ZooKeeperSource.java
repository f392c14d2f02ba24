package io.lbclient.zookeeper;

import io.lbclient.ServerDiscovery;
import java.util.concurrent.Executor;
import org.apache.curator.framework.CuratorFramework;

/** A ZooKeeper source as a pool subscribes to it. */
record ZooKeeperSource(CuratorFramework client, String basePath, String service, Instances instances, Executor executor)
        implements ServerDiscovery {
    @Override
    public Subscription subscribe(Sink sink) {
        ZooKeeperWatch watch = new ZooKeeperWatch(this, sink);
        watch.start();
        return watch;
    }

    @Override
    public String toString() {
        return "ZooKeeper " + basePath + "/" + service;
    }
}
