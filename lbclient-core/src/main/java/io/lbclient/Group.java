package io.lbclient;

import java.util.List;
import java.util.random.RandomGenerator;

/** The servers of one tier and zone that may be picked, with the picker over them. Immutable. */
final class Group {
    /** Asks the strategy again this often for a server that suits. */
    private static final int REPICKS = 3;

    final ServerState[] candidates;
    final Balancer.Picker picker;
    private final double[] weights;
    private final int tier;
    private final String zone;
    /** Whether these are servers thought to be bad, for want of others: then every pick is a trial. */
    private final boolean lastResort;

    private final int repicks;

    Group(Key key, ServerState[] candidates, double[] weights, Balancer.Picker picker, boolean lastResort) {
        this.tier = key.tier;
        this.zone = key.zone;
        this.candidates = candidates;
        this.weights = weights;
        this.picker = picker;
        this.lastResort = lastResort;
        this.repicks = Math.min(REPICKS, candidates.length);
    }

    /** Which servers a group is for. An empty zone stands for all zones that are not told apart. */
    record Key(int tier, String zone) {}

    boolean isFor(Key key) {
        return tier == key.tier && zone.equals(key.zone);
    }

    ServerState choose(Attempt attempt, boolean again) {
        ServerState named = (ServerState) picker.pick(attempt);
        return !again && !named.limited() ? named : suiting(attempt, named, again);
    }

    /** The strategy's own choice, as long as it comes to name a server that suits. */
    private ServerState suiting(Attempt attempt, ServerState named, boolean again) {
        // One draw for the whole pick: a strategy that names the same server again must not get a second chance for it.
        double draw = attempt.random().nextDouble();
        ServerState chosen = named;
        for (int i = 0; i < repicks && !suits(chosen, attempt, again, draw); i++) {
            chosen = (ServerState) picker.pick(attempt);
        }
        return suits(chosen, attempt, again, draw) ? chosen : instead(attempt, named, again, draw);
    }

    private static boolean suits(ServerState chosen, Attempt attempt, boolean again, double draw) {
        return !(again && attempt.tried(chosen)) && chosen.admits(attempt.now(), draw);
    }

    /**
     * What is picked if the strategy goes on naming what does not suit: one that does, at random, or the next in the
     * list would get all that is sent away from one server. If none does, it is more to have a retry go where it has not
     * been than to keep to a bound; and where there is nothing better, what the strategy named stands.
     */
    private ServerState instead(Attempt attempt, ServerState named, boolean again, double draw) {
        RandomGenerator random = attempt.random();
        ServerState best = null;
        ServerState untried = null;
        int suiting = 0;
        int others = 0;
        for (ServerState candidate : candidates) {
            if (suits(candidate, attempt, again, draw)) {
                best = random.nextInt(++suiting) == 0 ? candidate : best;
            } else if (again && !attempt.tried(candidate)) {
                untried = random.nextInt(++others) == 0 ? candidate : untried;
            }
        }
        if (best != null) {
            return best;
        }
        return untried != null ? untried : named;
    }

    Attempt begin(Attempt attempt, ServerState chosen) {
        return attempt.begin(chosen, lastResort);
    }

    boolean samePicks(Balancer.Picker wanted, List<ServerState> others, double[] otherWeights) {
        if (picker != wanted || candidates.length != others.size()) {
            return false;
        }
        for (int i = 0; i < candidates.length; i++) {
            if (candidates[i] != others.get(i) || weights[i] != otherWeights[i]) {
                return false;
            }
        }
        return true;
    }
}
