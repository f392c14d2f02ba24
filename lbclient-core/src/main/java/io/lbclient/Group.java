package io.lbclient;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The servers of one tier and zone that may be picked, with the picker over them. Immutable. */
final class Group {
    /** Picks again this often for a server whose share admits it, and for one that was not tried. */
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

    /** The strategy's own choice, as long as it names a server that may take this request; else what it named last. */
    ServerState choose(Attempt attempt, boolean again) {
        ServerState chosen = pick(attempt);
        for (int i = 0; i < repicks && !admitted(chosen, attempt, again); i++) {
            chosen = pick(attempt);
        }
        return chosen;
    }

    Attempt begin(Attempt attempt, ServerState chosen) {
        return attempt.begin(chosen, lastResort);
    }

    private static boolean admitted(ServerState chosen, Attempt attempt, boolean again) {
        return chosen.admits(attempt) && !(again && attempt.tried(chosen));
    }

    private ServerState pick(Attempt attempt) {
        return (ServerState) picker.pick(attempt);
    }

    /** Any of those not tried with the same chance: the next in the list would get all that fails over from one server. */
    @Nullable ServerState untried(Attempt attempt) {
        int untried = 0;
        for (ServerState candidate : candidates) {
            untried += attempt.tried(candidate) ? 0 : 1;
        }
        if (untried == 0) {
            return null;
        }
        int chosen = attempt.random().nextInt(untried);
        for (ServerState candidate : candidates) {
            if (!attempt.tried(candidate) && chosen-- == 0) {
                return candidate;
            }
        }
        return null;
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
