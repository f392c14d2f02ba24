package io.lbclient.discovery;

import io.lbclient.ServerDiscovery;
import io.lbclient.test.contract.DiscoveryContractTest;
import io.lbclient.test.contract.Registry;
import java.io.IOException;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Nested;

/** Both combinations, of a source that has nothing and one that has it all. */
class CompositeContractTest {
    @Nested
    class MergedTest extends DiscoveryContractTest {
        @Override
        protected Registry newRegistry() throws IOException {
            return new CombinedRegistry(Discoveries::merged);
        }
    }

    @Nested
    class FirstWithServersTest extends DiscoveryContractTest {
        @Override
        protected Registry newRegistry() throws IOException {
            return new CombinedRegistry(Discoveries::firstWithServers);
        }
    }

    private static final class CombinedRegistry extends FileRegistry {
        private final ServerDiscovery source;

        CombinedRegistry(BinaryOperator<ServerDiscovery> combination) throws IOException {
            // The combination's own rails are to find what is refused.
            ServerDiscovery all =
                    GuardRails.standard().filter(AddressFilter.none()).around(super.source());
            source = GuardRails.standard().around(combination.apply(Discoveries.fixed(), all));
        }

        @Override
        public ServerDiscovery source() {
            return source;
        }
    }
}
