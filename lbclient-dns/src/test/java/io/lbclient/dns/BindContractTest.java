package io.lbclient.dns;

import io.lbclient.test.contract.DiscoveryContractTest;
import io.lbclient.test.contract.Registry;
import java.io.IOException;

/** The contract at BIND, which is killed where the source is to be gone. */
class BindContractTest extends DiscoveryContractTest {
    @Override
    protected Registry newRegistry() throws IOException {
        return new BindRegistry();
    }
}
