package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import java.util.List;

/** See {@link Discoveries#fixed(List)}. */
record FixedDiscovery(List<Server> servers) implements ServerDiscovery {
    @Override
    public Subscription subscribe(Sink sink) {
        sink.authoritative(servers);
        return () -> {};
    }

    @Override
    public String toString() {
        return "a fixed list of " + servers.size() + " servers";
    }
}
