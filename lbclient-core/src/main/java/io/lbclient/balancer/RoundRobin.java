package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.PickContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** See {@link Balancers#roundRobin()}. */
final class RoundRobin implements Balancer {
    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        Position position = previous instanceof Turns turns ? turns.position : new Position();
        return new Turns(candidates.toArray(Candidate[]::new), position);
    }

    static final class Turns implements Picker {
        private final Candidate[] candidates;
        private final Position position;

        Turns(Candidate[] candidates, Position position) {
            this.candidates = candidates;
            this.position = position;
        }

        @Override
        public Candidate pick(PickContext context) {
            return candidates[Integer.remainderUnsigned(position.next(context), candidates.length)];
        }
    }
}
