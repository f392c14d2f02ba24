package io.lbclient.test.sim;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.PickContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Joins the shortest queue, as the servers themselves know it. */
final class Omniscient implements Balancer {
    private final LiveServer[] fleet;

    Omniscient(LiveServer[] fleet) {
        this.fleet = fleet;
    }

    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        Candidate[] servers = candidates.toArray(Candidate[]::new);
        LiveServer[] live = new LiveServer[servers.length];
        for (int i = 0; i < servers.length; i++) {
            live[i] = fleet[servers[i].server().port() - 1];
        }
        return context -> servers[shortest(live, context)];
    }

    private static int shortest(LiveServer[] live, PickContext context) {
        int n = live.length;
        int at = context.random().nextInt(n);
        int best = at;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            double wait = wait(live[at]);
            if (wait < least) {
                least = wait;
                best = at;
            }
            at = at + 1 == n ? 0 : at + 1;
        }
        return best;
    }

    /** How long a request that comes now would take, in units of its own work at speed 1. */
    private static double wait(LiveServer server) {
        if (server.broken()) {
            return Double.MAX_VALUE;
        }
        double crowd = Math.max(1, (server.assigned + 1.0) / server.slots());
        // The second term decides among servers with a free slot of the same speed.
        return (crowd + server.assigned * 1e-6) / server.speed();
    }
}
