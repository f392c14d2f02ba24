package io.lbclient.routing;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.util.LinkedHashMap;
import java.util.Map;

/** Pools of one server each, made as they are named. */
final class Pools implements AutoCloseable {
    private final Map<String, ServerPool> pools = new LinkedHashMap<>();

    ServerPool pool(String name) {
        return pools.computeIfAbsent(
                name,
                n -> ServerPool.builder(n)
                        .servers(Server.of("127.0.0.1", 20_000 + pools.size()))
                        .build());
    }

    @Override
    public void close() {
        pools.values().forEach(ServerPool::close);
    }
}
