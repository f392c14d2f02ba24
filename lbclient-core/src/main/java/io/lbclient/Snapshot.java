package io.lbclient;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a pick reads: who may be picked at one moment, and the picker over them. Immutable. */
final class Snapshot {
    private static final ServerState[] NONE = {};

    /** Asks the strategy again this often for a server that suits. */
    private static final int REPICKS = 3;

    /** The servers that the picker chooses from; empty if there are none. */
    final ServerState[] candidates;
    /** The weights that the picker was made with, in the same order. */
    final double[] weights;

    final Balancer.@Nullable Picker picker;
    /** Servers that are not picked otherwise and to which one request is to go. */
    final ServerState[] trials;
    /** Whether the candidates are servers thought to be bad, for want of others: then every pick is a trial. */
    private final boolean lastResort;

    private final int repicks;
    private final String whyNone;

    Snapshot(
            ServerState[] candidates,
            double[] weights,
            Balancer.Picker picker,
            ServerState[] trials,
            boolean lastResort) {
        this.candidates = candidates;
        this.weights = weights;
        this.picker = picker;
        this.trials = trials;
        this.lastResort = lastResort;
        this.repicks = Math.min(REPICKS, candidates.length);
        this.whyNone = "";
    }

    /** A snapshot with nothing to pick: every pick fails with this message. */
    Snapshot(String whyNone) {
        this.candidates = NONE;
        this.weights = new double[0];
        this.picker = null;
        this.trials = NONE;
        this.lastResort = false;
        this.repicks = 0;
        this.whyNone = whyNone;
    }

    Attempt pick(Attempt attempt, boolean again) {
        Balancer.Picker chooser = picker;
        if (chooser == null) {
            throw new NoServerAvailableException(whyNone);
        }
        if (trials.length > 0) {
            for (ServerState due : trials) {
                if (!(again && attempt.tried(due)) && due.takeTrial()) {
                    return attempt.begin(due, true);
                }
            }
        }
        ServerState named = (ServerState) chooser.pick(attempt);
        boolean stands = !again && !named.limited();
        return attempt.begin(stands ? named : suiting(attempt, chooser, named, again), lastResort);
    }

    /** The strategy's own choice, as long as it comes to name a server that suits. */
    private ServerState suiting(Attempt attempt, Balancer.Picker chooser, ServerState named, boolean again) {
        // One draw for the whole pick: a strategy that names the same server again must not get a second chance for it.
        double draw = attempt.random().nextDouble();
        ServerState chosen = named;
        for (int i = 0; i < repicks && !suits(chosen, attempt, again, draw); i++) {
            chosen = (ServerState) chooser.pick(attempt);
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

    boolean hasUntried(Attempt attempt) {
        for (ServerState candidate : candidates) {
            if (!attempt.tried(candidate)) {
                return true;
            }
        }
        return false;
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
