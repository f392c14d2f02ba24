package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.PickContext;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** See {@link Balancers#pinned()}. */
final class Pinned implements Balancer {
    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        Weights weights = Weights.of(candidates);
        Candidate before = previous instanceof Pin pin ? pin.held.get() : null;
        return new Pin(weights, isIn(weights.servers, before) ? before : null);
    }

    private static boolean isIn(Candidate[] servers, @Nullable Candidate wanted) {
        for (Candidate server : servers) {
            if (server == wanted) {
                return true;
            }
        }
        return false;
    }

    private static final class Pin implements Picker {
        private final Candidate[] servers;
        private final AliasTable table;
        private final AtomicReference<@Nullable Candidate> held;

        Pin(Weights weights, @Nullable Candidate held) {
            this.servers = weights.servers;
            this.table = new AliasTable(weights.shares);
            this.held = new AtomicReference<>(held);
        }

        @Override
        public Candidate pick(PickContext context) {
            Candidate holding = held.get();
            if (holding != null) {
                return holding;
            }
            Candidate drawn = servers[table.at(context.random().nextLong())];
            // Two first picks at once must not pin two servers.
            Candidate other = held.compareAndExchange(null, drawn);
            return other == null ? drawn : other;
        }
    }
}
