package io.lbclient.zookeeper;

import io.lbclient.Server;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;

/** Registers servers as any program does that uses Curator, with its own serializer. */
final class Registrar implements AutoCloseable {
    static final String BASE = "/services";
    static final String SERVICE = "orders";

    final CuratorFramework client;

    @SuppressWarnings("rawtypes")
    private final ServiceDiscovery<Map> discovery;

    @SuppressWarnings("rawtypes")
    private final Map<String, ServiceInstance<Map>> registered = new HashMap<>();

    private final Map<String, Server> known = new HashMap<>();

    Registrar(String address) throws Exception {
        client = client(address);
        discovery = ServiceDiscoveryBuilder.builder(Map.class)
                .client(client)
                .basePath(BASE)
                .build();
        discovery.start();
    }

    /** A client that keeps on trying for a minute. */
    static CuratorFramework client(String address) {
        CuratorFramework client = CuratorFrameworkFactory.newClient(address, 60_000, 3_000, new RetryNTimes(600, 100));
        client.start();
        return client;
    }

    @SuppressWarnings("rawtypes")
    void put(List<Server> servers) throws Exception {
        Map<String, Server> wanted = new LinkedHashMap<>();
        servers.forEach(server -> wanted.put(server.id(), server));
        for (Server server : servers) {
            if (server.equals(known.get(server.id()))) {
                continue;
            }
            Map<String, Object> payload = new LinkedHashMap<>(server.tags());
            payload.put("weight", server.weight());
            payload.put("tier", server.tier());
            if (!server.zone().isEmpty()) {
                payload.put("zone", server.zone());
            }
            ServiceInstance<Map> instance = ServiceInstance.<Map>builder()
                    .name(SERVICE)
                    .id(server.id())
                    .address(server.host())
                    .port(server.port())
                    .payload(payload)
                    .build();
            if (known.containsKey(server.id())) {
                discovery.updateService(instance);
            } else {
                discovery.registerService(instance);
            }
            registered.put(server.id(), instance);
            known.put(server.id(), server);
        }
        for (String id : List.copyOf(registered.keySet())) {
            if (!wanted.containsKey(id)) {
                discovery.unregisterService(registered.remove(id));
                known.remove(id);
            }
        }
    }

    @Override
    public void close() throws Exception {
        discovery.close();
        client.close();
    }
}
