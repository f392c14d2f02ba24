package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a guard listens with to one subscription, so that it can tell the words of an ended one from those of the next. */
final class Ear extends Relay {
    private final Guard guard;

    Ear(Guard guard, ServerDiscovery.Sink target) {
        super(target);
        this.guard = guard;
    }

    @Override
    public void update(List<Server> servers) {
        take(servers, false);
    }

    @Override
    public void authoritative(List<Server> servers) {
        take(servers, true);
    }

    /** Users write sources too, and a list that is null is a failure like another. */
    private void take(@Nullable List<Server> servers, boolean authoritative) {
        if (servers == null) {
            guard.failed(this, new NullPointerException("the source pushed null"));
        } else {
            guard.offered(this, servers, authoritative);
        }
    }

    @Override
    public void unchanged() {
        guard.unchanged(this);
    }

    @Override
    public void failed(Throwable cause) {
        guard.failed(this, cause);
    }

    @Override
    public void ended(Throwable cause) {
        guard.ended(this, cause);
    }

    @Override
    public void refused(String entry, String reason) {
        guard.refused(this, entry, reason);
    }
}
