package io.lbclient.okhttp;

import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections to the servers of one pool: when a server leaves, its idle ones are closed at once, and the others as
 * soon as nobody uses them, or when the time that they have for it is over.
 *
 * <p>Whether a server is still there is always asked of the pool, after the connection was counted as idle; and a leaving
 * is told after it is in force. So of the two that may meet here, a call that ends and a server that leaves, at least one
 * sees the other.
 */
final class Connections {
    private static final Cleaner CLEANER = Cleaner.create();

    final ServerPool pool;
    private final @Nullable Duration drainTime;
    private final Executor threads;
    /**
     * By the server's address. Weak, since nobody tells that a connection is gone: the connection itself has the strong
     * reference, through its Dns. What is gone is forgotten when the next one of that server comes, or the server leaves.
     */
    private final Map<Address, List<WeakReference<Link>>> byAddress = new ConcurrentHashMap<>();

    /** A server may get another id at the same address, and keeps its connections then. */
    private record Address(String host, int port) {
        static Address of(Server server) {
            return new Address(server.host(), server.port());
        }
    }

    Connections(ServerPool pool, @Nullable Duration drainTime, Executor threads) {
        this.pool = pool;
        this.drainTime = drainTime;
        this.threads = threads;
        PoolListener listener = new Departures(new WeakReference<>(this));
        pool.addListener(listener);
        // Pools live for as long as the program; interceptors may be made for each of its tasks.
        CLEANER.register(this, () -> pool.removeListener(listener));
    }

    /** Remembers a connection that was made. */
    void remember(Link made) {
        byAddress.compute(Address.of(made.pin.server()), (address, links) -> {
            List<WeakReference<Link>> left = others(links, made);
            left.add(new WeakReference<>(made));
            return left;
        });
    }

    /** Forgets a connection that is closed, and with it those that are gone. */
    void forget(Link closed) {
        byAddress.computeIfPresent(Address.of(closed.pin.server()), (address, links) -> {
            List<WeakReference<Link>> left = others(links, closed);
            return left.isEmpty() ? null : left;
        });
    }

    private static List<WeakReference<Link>> others(@Nullable List<WeakReference<Link>> links, Link one) {
        List<WeakReference<Link>> others = new ArrayList<>();
        if (links != null) {
            for (WeakReference<Link> reference : links) {
                Link link = reference.get();
                if (link != null && link != one) {
                    others.add(reference);
                }
            }
        }
        return others;
    }

    /** Returns the server that the pool has at an address, maybe with another id; null if it has none there. */
    @Nullable Server serving(Server server) {
        Server now = pool.server(server.id());
        if (now != null && isSameAddress(now, server)) {
            return now;
        }
        for (ServerSnapshot other : pool.snapshot().servers()) {
            if (isSameAddress(other.server(), server)) {
                return other.server();
            }
        }
        return null;
    }

    private static boolean isSameAddress(Server one, Server other) {
        return one.port() == other.port() && one.host().equals(other.host());
    }

    private void left(Server server) {
        List<Link> links = of(server);
        if (links.isEmpty() || serving(server) != null) {
            return;
        }
        Object now = new Object();
        for (Link link : links) {
            link.departed(now);
            link.closeIfIdle();
        }
        if (drainTime != null) {
            CompletableFuture.delayedExecutor(drainTime.toNanos(), TimeUnit.NANOSECONDS, threads)
                    .execute(() -> cut(server, links, now));
        }
    }

    /** Of what was open when the server left; if it is back, its connections are those of a member. */
    private void cut(Server server, List<Link> links, Object since) {
        if (serving(server) == null) {
            links.forEach(link -> link.cut(since));
        }
    }

    /** Those to a server that has left; a server of which nothing is left is forgotten. */
    private List<Link> of(Server server) {
        List<Link> links = new ArrayList<>();
        byAddress.computeIfPresent(Address.of(server), (address, references) -> {
            for (WeakReference<Link> reference : references) {
                Link link = reference.get();
                if (link != null) {
                    links.add(link);
                }
            }
            return links.isEmpty() ? null : references;
        });
        return links;
    }

    /** For how many servers connections are remembered; for tests. */
    int servers() {
        return byAddress.size();
    }

    /** Does not keep the connections, nor the interceptor that they belong to, alive. */
    private record Departures(WeakReference<Connections> home) implements PoolListener {
        @Override
        public void serverRemoved(String pool, Server server) {
            Connections there = home.get();
            if (there != null) {
                there.left(server);
            }
        }

        @Override
        public void serverUpdated(String pool, Server before, Server after) {
            Connections there = home.get();
            if (there != null) {
                there.left(before);
            }
        }
    }
}
