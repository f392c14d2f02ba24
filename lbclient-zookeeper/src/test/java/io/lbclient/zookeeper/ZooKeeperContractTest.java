package io.lbclient.zookeeper;

import io.lbclient.test.contract.DiscoveryContractTest;
import io.lbclient.test.contract.Registry;

class ZooKeeperContractTest extends DiscoveryContractTest {
    @Override
    protected Registry newRegistry() throws Exception {
        return new ZooKeeperRegistry();
    }
}
