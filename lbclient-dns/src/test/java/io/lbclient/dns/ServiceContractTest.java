package io.lbclient.dns;

import io.lbclient.test.contract.DiscoveryContractTest;
import io.lbclient.test.contract.Registry;
import java.io.IOException;

class ServiceContractTest extends DiscoveryContractTest {
    @Override
    protected Registry newRegistry() throws IOException {
        return new ServiceRegistry();
    }
}
