package io.lbclient.zookeeper;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.test.contract.FreePort;
import io.lbclient.test.contract.Registry;
import java.util.List;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;

/** A ZooKeeper server in this process, on the loopback interface only. */
final class ZooKeeperRegistry implements Registry {
    final TestingServer server;
    final Registrar registrar;
    final CuratorFramework client;
    private final ServerDiscovery source;

    ZooKeeperRegistry() throws Exception {
        server = new TestingServer(
                new InstanceSpec(
                        null,
                        FreePort.find(),
                        -1,
                        -1,
                        true,
                        -1,
                        -1,
                        -1,
                        Map.of("clientPortAddress", "127.0.0.1"),
                        "127.0.0.1"),
                true);
        registrar = new Registrar(server.getConnectString());
        client = Registrar.client(server.getConnectString());
        source =
                ZooKeeperDiscovery.of(client, Registrar.BASE, Registrar.SERVICE).build();
    }

    @Override
    public ServerDiscovery source() {
        return source;
    }

    @Override
    public void put(List<Server> servers) throws Exception {
        registrar.put(servers);
    }

    @Override
    public void stop() throws Exception {
        server.stop();
    }

    @Override
    public void start() throws Exception {
        server.restart();
    }

    @Override
    public boolean says(Fact fact) {
        return true;
    }

    @Override
    public boolean atomic() {
        return false;
    }

    @Override
    public void close() throws Exception {
        registrar.close();
        client.close();
        server.close();
    }
}
