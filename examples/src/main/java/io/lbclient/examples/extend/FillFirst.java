package io.lbclient.examples.extend;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A strategy: fills one server before it touches the next, so that the last ones idle and can be switched off.
 *
 * @param each how many requests in flight fill a server
 */
public record FillFirst(int each) implements Balancer {
    /** Called when the servers change, so this is the place for what can be computed once: here, an order. */
    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        List<Candidate> inOrder = new ArrayList<>(candidates);
        inOrder.sort(Comparator.comparing(candidate -> candidate.server().id()));
        return context -> pick(inOrder);
    }

    /** Called for each request, by many threads at once: it neither locks nor waits. */
    private Candidate pick(List<Candidate> inOrder) {
        Candidate idlest = inOrder.get(0);
        for (Candidate candidate : inOrder) {
            if (candidate.inFlight() < each) {
                return candidate;
            }
            if (candidate.inFlight() < idlest.inFlight()) {
                idlest = candidate;
            }
        }
        return idlest;
    }
}
