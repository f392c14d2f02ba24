package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** See {@link Discoveries#merged} and {@link Discoveries#firstWithServers}. */
record CompositeDiscovery(List<ServerDiscovery> parts, Rule rule) implements ServerDiscovery {
    private static final Logger LOG = LoggerFactory.getLogger(CompositeDiscovery.class);

    enum Rule {
        ALL,
        FIRST_WITH_SERVERS
    }

    @Override
    public Subscription subscribe(Sink sink) {
        Combination combination = new Combination(parts.size(), rule, sink);
        try {
            for (int at = 0; at < parts.size(); at++) {
                combination.subscriptions.add(parts.get(at).subscribe(new Part(combination, at)));
            }
        } catch (RuntimeException | Error e) {
            combination.close();
            throw e;
        }
        combination.begin();
        return combination;
    }

    @Override
    public String toString() {
        String names = parts.stream().map(Object::toString).collect(Collectors.joining(", "));
        return (rule == Rule.ALL ? "all of " : "the first with servers of ") + names;
    }

    /** What one pool has of the parts. Its lock is never held while a part or the pool is called. */
    private static final class Combination implements Subscription {
        private final ReentrantLock lock = new ReentrantLock();
        private final List<Subscription> subscriptions = new ArrayList<>();
        private final Rule rule;
        private final Sink sink;
        private final Outlet outlet;
        private final List<List<Server>> lists;
        private boolean begun;
        private boolean spoken;
        private boolean closed;

        Combination(int parts, Rule rule, Sink sink) {
            this.rule = rule;
            this.sink = sink;
            this.outlet = new Outlet(sink);
            this.lists = new ArrayList<>(Collections.nCopies(parts, List.of()));
        }

        /** What the parts pushed while they were subscribed to is one list. */
        void begin() {
            lock.lock();
            try {
                begun = true;
                if (spoken) {
                    put();
                }
            } finally {
                lock.unlock();
            }
            outlet.drain();
        }

        void update(int part, List<Server> servers) {
            lock.lock();
            try {
                if (closed) {
                    return;
                }
                lists.set(part, servers);
                spoken = true;
                if (begun) {
                    put();
                }
            } finally {
                lock.unlock();
            }
            outlet.drain();
        }

        private void put() {
            List<Server> combined = rule == Rule.ALL ? all() : first();
            outlet.put(combined, false);
        }

        private List<Server> first() {
            return lists.stream().filter(list -> !list.isEmpty()).findFirst().orElse(List.of());
        }

        private List<Server> all() {
            Map<String, Server> byId = new LinkedHashMap<>();
            lists.forEach(list -> list.forEach(server -> byId.putIfAbsent(server.id(), server)));
            return List.copyOf(byId.values());
        }

        @Override
        public void refresh() {
            subscriptions.forEach(Subscription::refresh);
        }

        /** That of the part that is silent the longest. */
        @Override
        public @Nullable Duration age() {
            return subscriptions.stream()
                    .map(Subscription::age)
                    .filter(Objects::nonNull)
                    .max(Comparator.naturalOrder())
                    .orElse(null);
        }

        @Override
        public void close() {
            lock.lock();
            try {
                closed = true;
            } finally {
                lock.unlock();
            }
            for (Subscription subscription : subscriptions) {
                try {
                    subscription.close();
                } catch (RuntimeException | Error e) {
                    LOG.warn("{}: closing a part of the discovery failed", sink.pool(), e);
                }
            }
        }
    }

    /** One part's way to the combination. */
    private static final class Part extends Relay {
        private final Combination combination;
        private final int at;

        Part(Combination combination, int at) {
            super(combination.sink);
            this.combination = combination;
            this.at = at;
        }

        @Override
        public void update(List<Server> servers) {
            combination.update(at, List.copyOf(servers));
        }

        @Override
        public void failed(Throwable cause) {
            combination.sink.failed(cause);
        }

        @Override
        public void refused(String entry, String reason) {
            combination.sink.refused(entry, reason);
        }
    }
}
