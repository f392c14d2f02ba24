package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import io.lbclient.routing.Condition;
import io.lbclient.routing.Router;
import io.lbclient.routing.Rule;
import io.lbclient.routing.RuleSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** Pools of real servers, and channels that a router leads to them; all of them end with the test. */
abstract class RoutedPools {
    final List<AutoCloseable> open = new ArrayList<>();
    final Map<String, Backend> backends = new HashMap<>();

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    Backend backend(String name) {
        Backend backend = new Backend(name);
        open.add(backend);
        backends.put(name, backend);
        return backend;
    }

    /** A pool whose servers answer with the pool's name and a number. */
    ServerPool pool(String name, int size) {
        List<Server> servers = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            servers.add(backend(name + i).asServer());
        }
        return pool(name, servers);
    }

    ServerPool pool(String name, List<Server> servers) {
        ServerPool pool = ServerPool.builder(name)
                .servers(servers)
                .balancer(Balancers.roundRobin())
                .build();
        open.add(pool);
        return pool;
    }

    ManagedChannel channel(Router router) {
        return opened(GrpcRouting.channel(router, InsecureChannelCredentials.create()));
    }

    ManagedChannel opened(ManagedChannel channel) {
        open.add(() -> {
            channel.shutdownNow();
            assertThat(channel.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        });
        return channel;
    }

    static Router router(ServerPool otherwise, Rule... rules) {
        return Router.of(
                "shop",
                RuleSet.builder()
                        .rules(Arrays.asList(rules))
                        .otherwise(otherwise)
                        .build());
    }

    static Rule.Builder rule(Condition condition) {
        return Rule.named("rule").when(condition);
    }
}
