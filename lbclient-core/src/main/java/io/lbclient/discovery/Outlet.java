package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands lists on, one at a time and in order, without a lock: whoever comes while another thread hands over leaves it to
 * that one. Of lists that wait, only the latest is handed on.
 */
final class Outlet {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedDiscovery.class);

    private final ServerDiscovery.Sink target;
    private final AtomicReference<Delivery> next = new AtomicReference<>();
    private final AtomicInteger calls = new AtomicInteger();

    private record Delivery(List<Server> servers, boolean meant) {}

    Outlet(ServerDiscovery.Sink target) {
        this.target = target;
    }

    /** Called under the guard's lock, which puts the lists in order. */
    void put(List<Server> servers, boolean meant) {
        next.set(new Delivery(servers, meant));
    }

    /** Called without a lock, since listeners of the pool run in it. */
    void drain() {
        if (calls.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            Delivery delivery = next.getAndSet(null);
            if (delivery != null) {
                hand(delivery);
            }
            seen = calls.addAndGet(-seen);
        } while (seen != 0);
    }

    private void hand(Delivery delivery) {
        try {
            if (delivery.meant) {
                target.authoritative(delivery.servers);
            } else {
                target.update(delivery.servers);
            }
        } catch (RuntimeException | Error e) {
            LOG.warn("{}: a list of {} servers was not taken", target.pool(), delivery.servers.size(), e);
        }
    }
}
