package io.lbclient.grpc;

import io.grpc.EquivalentAddressGroup;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The servers that a channel's own resolver, such as DNS, brings into the pool. They join what others have given the
 * pool; what several channels have brought stays until the last of them has dropped it.
 */
final class Contribution {
    /** How many channels have brought each server of each pool. Weak, since a pool need not be closed. */
    private static final Map<ServerPool, Map<String, Integer>> BROUGHT = new WeakHashMap<>();

    private final ServerPool pool;
    private final Map<String, Server> published = new HashMap<>();
    private Map<String, Server> next = new HashMap<>();

    Contribution(ServerPool pool) {
        this.pool = pool;
    }

    /** Null for an address that is not one of a network. */
    @Nullable Server serverOf(EquivalentAddressGroup group) {
        for (SocketAddress address : group.getAddresses()) {
            if (address instanceof InetSocketAddress inet && inet.getPort() > 0) {
                String host = inet.isUnresolved()
                        ? inet.getHostString()
                        : inet.getAddress().getHostAddress();
                int scope = host.indexOf('%');
                Server server = Server.of(scope < 0 ? host : host.substring(0, scope), inet.getPort());
                next.put(server.id(), server);
                return server;
            }
        }
        return null;
    }

    /** Brings what was asked for since this was called last, and drops the rest. */
    void publish() {
        Map<String, Server> wanted = next;
        next = new HashMap<>();
        Set<String> gone = new HashSet<>(published.keySet());
        gone.removeAll(wanted.keySet());
        wanted.forEach((id, server) -> {
            if (published.putIfAbsent(id, server) == null && count(id, 1) == 1 && !has(id)) {
                pool.add(server);
            }
        });
        gone.forEach(id -> {
            published.remove(id);
            if (count(id, -1) == 0) {
                pool.remove(id);
            }
        });
    }

    void close() {
        next = new HashMap<>();
        publish();
    }

    /** Settings that somebody gave it, such as a weight, are not to be overwritten. */
    private boolean has(String id) {
        return pool.snapshot().servers().stream()
                .anyMatch(known -> known.server().id().equals(id));
    }

    private int count(String id, int change) {
        synchronized (BROUGHT) {
            Map<String, Integer> counts = BROUGHT.computeIfAbsent(pool, any -> new HashMap<>());
            int count = counts.merge(id, change, Integer::sum);
            if (count == 0) {
                counts.remove(id);
            }
            return count;
        }
    }
}
