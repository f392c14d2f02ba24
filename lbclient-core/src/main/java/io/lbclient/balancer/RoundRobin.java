package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** See {@link Balancers#roundRobin()}. */
final class RoundRobin implements Balancer {
    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        return Turns.inOrder(Weights.of(candidates).servers, previous);
    }
}
