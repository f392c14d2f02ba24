package io.lbclient.discovery;

import io.lbclient.ServerDiscovery;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A source with {@link GuardRails} around it. Safe for use by many threads and many pools. */
public final class GuardedDiscovery implements ServerDiscovery {
    final ServerDiscovery source;
    final GuardRails rails;
    private final List<Guard> guards = new CopyOnWriteArrayList<>();

    GuardedDiscovery(ServerDiscovery source, GuardRails rails) {
        this.source = source;
        this.rails = rails;
    }

    @Override
    public Subscription subscribe(Sink sink) {
        Guard guard = new Guard(source, rails, sink, guards::remove);
        guards.add(guard);
        guard.start();
        return guard;
    }

    /**
     * Returns how the lists stand, for metrics and people.
     *
     * @return one status for each pool that uses this source now
     */
    public List<DiscoveryStatus> status() {
        return guards.stream().map(Guard::status).toList();
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
