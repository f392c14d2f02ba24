package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.PickContext;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** See {@link Balancers#leastRequests()}. */
final class LeastRequests implements Balancer {
    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        Candidate[] servers = candidates.toArray(Candidate[]::new);
        double[] weights = candidates.stream().mapToDouble(Candidate::weight).toArray();
        if (candidates.stream().allMatch(c -> c.weight() == 0)) {
            Arrays.fill(weights, 1.0);
        }
        return context -> pick(servers, weights, context);
    }

    private static Candidate pick(Candidate[] servers, double[] weights, PickContext context) {
        // From a random server on, so that of several idle ones each has the same chance.
        int at = context.random().nextInt(servers.length);
        Candidate best = servers[at];
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < servers.length; i++) {
            double load = (servers[at].inFlight() + 1) / weights[at];
            if (load < least) {
                least = load;
                best = servers[at];
            }
            at = at + 1 == servers.length ? 0 : at + 1;
        }
        return best;
    }
}
