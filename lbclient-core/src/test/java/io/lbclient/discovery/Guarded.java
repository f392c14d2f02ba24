package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A pool on a guarded source, on a clock that stands still. */
final class Guarded extends StillClock {
    final Source source = new Source();
    final GuardedDiscovery discovery;
    final ServerPool pool;

    Guarded() {
        this(GuardRails.standard());
    }

    Guarded(GuardRails rails, String... atOnce) {
        source.atOnce = servers(atOnce);
        discovery = rails.executor(Runnable::run).around(source);
        pool = pool(discovery);
    }

    static Server server(String id) {
        return Server.of("10.0.0.1", 8080).withId(id);
    }

    static List<Server> servers(String... ids) {
        return Arrays.stream(ids).map(Guarded::server).toList();
    }

    static List<Server> numbered(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> server("s" + i)).toList();
    }

    void push(String... ids) {
        source.sink().update(servers(ids));
    }

    List<String> ids() {
        return ids(pool);
    }

    DiscoveryStatus status() {
        return discovery.status().get(0);
    }
}
