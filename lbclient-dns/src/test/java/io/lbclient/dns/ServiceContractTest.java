package io.lbclient.dns;

import io.lbclient.test.contract.DiscoveryContractTest;
import io.lbclient.test.contract.Registry;
import java.io.IOException;
import java.time.Duration;

class ServiceContractTest extends DiscoveryContractTest {
    @Override
    protected Registry newRegistry() throws IOException {
        return new ServiceRegistry(Duration.ofSeconds(5));
    }
}
