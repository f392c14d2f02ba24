package io.lbclient.discovery;

import io.lbclient.test.contract.DiscoveryContractTest;
import io.lbclient.test.contract.Registry;
import java.io.IOException;

class FileContractTest extends DiscoveryContractTest {
    @Override
    protected Registry newRegistry() throws IOException {
        return new FileRegistry();
    }
}
