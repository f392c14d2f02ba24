package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import java.util.ArrayList;
import java.util.List;

/** A source under the test's hand, which remembers every subscription. */
final class Source implements ServerDiscovery {
    final List<Sink> sinks = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    List<Server> atOnce = List.of();
    boolean refuses;

    @Override
    public Subscription subscribe(Sink sink) {
        if (refuses) {
            throw new IllegalStateException("no registry");
        }
        int number = sinks.size();
        sinks.add(sink);
        told.add("subscribed " + number);
        if (!atOnce.isEmpty()) {
            sink.update(atOnce);
        }
        return new Subscription() {
            @Override
            public void refresh() {
                told.add("refreshed " + number);
            }

            @Override
            public void close() {
                told.add("closed " + number);
            }
        };
    }

    Sink sink() {
        return sinks.get(sinks.size() - 1);
    }

    @Override
    public String toString() {
        return "the test's source";
    }
}
