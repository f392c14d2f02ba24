package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.test.contract.DiscoveryContractTest;
import io.lbclient.test.contract.Registry;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** Both combinations, of a source that has nothing and one that has it all. */
class CompositeContractTest {
    private abstract static class Contract extends DiscoveryContractTest {
        abstract ServerDiscovery combined(ServerDiscovery nothing, ServerDiscovery all);

        @Override
        protected Registry newRegistry() throws IOException {
            return new Combined(new FileRegistry(), this);
        }
    }

    @Nested
    class MergedTest extends Contract {
        @Override
        ServerDiscovery combined(ServerDiscovery nothing, ServerDiscovery all) {
            return Discoveries.merged(nothing, all);
        }
    }

    @Nested
    class FirstWithServersTest extends Contract {
        @Override
        ServerDiscovery combined(ServerDiscovery nothing, ServerDiscovery all) {
            return Discoveries.firstWithServers(nothing, all);
        }
    }

    private static final class Combined implements Registry {
        private final FileRegistry file;
        private final GuardedDiscovery source;

        Combined(FileRegistry file, Contract contract) {
            this.file = file;
            // The combination's own rails are to find what is refused.
            ServerDiscovery open =
                    GuardRails.standard().filter(AddressFilter.none()).around(file.source());
            source = GuardRails.standard().around(contract.combined(Discoveries.fixed(), open));
        }

        @Override
        public ServerDiscovery source() {
            return source;
        }

        @Override
        public void put(List<Server> servers) throws IOException {
            file.put(servers);
        }

        @Override
        public void stop() throws IOException {
            file.stop();
        }

        @Override
        public void start() throws IOException {
            file.start();
        }

        @Override
        public boolean says(Fact fact) {
            return file.says(fact);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
