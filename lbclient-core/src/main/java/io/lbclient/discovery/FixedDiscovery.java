package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import java.time.Duration;
import java.util.List;

/** See {@link Discoveries#fixed(List)}. */
record FixedDiscovery(List<Server> servers) implements ServerDiscovery {
    @Override
    public Subscription subscribe(Sink sink) {
        sink.authoritative(servers);
        return new Subscription() {
            @Override
            public void close() {}

            /** What is fixed is never out of date. */
            @Override
            public Duration age() {
                return Duration.ZERO;
            }
        };
    }

    @Override
    public String toString() {
        return "a fixed list of " + servers.size() + " servers";
    }
}
