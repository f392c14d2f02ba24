package io.lbclient.routing;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** Pools of one server each, made as they are named and closed with the test, and rules that lead there. */
abstract class Pools {
    private final Map<String, ServerPool> pools = new LinkedHashMap<>();

    final ServerPool pool(String name) {
        return pools.computeIfAbsent(
                name,
                n -> ServerPool.builder(n)
                        .servers(Server.of("127.0.0.1", 20_000 + pools.size()))
                        .build());
    }

    static Rule rule(String name, Condition when, ServerPool to) {
        return Rule.named(name).when(when).to(to).build();
    }

    @AfterEach
    void closePools() {
        pools.values().forEach(ServerPool::close);
    }
}
