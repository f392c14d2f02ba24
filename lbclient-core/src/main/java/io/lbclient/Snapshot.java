package io.lbclient;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a pick reads: who may be picked at one moment, and the picker over them. Immutable. */
final class Snapshot {
    private static final ServerState[] NONE = {};

    /** Picks again this often for a server whose share admits it, and for one that was not tried. */
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
        ServerState chosen = (ServerState) chooser.pick(attempt);
        for (int i = 0; i < repicks && !chosen.admits(attempt); i++) {
            chosen = (ServerState) chooser.pick(attempt);
        }
        if (again && attempt.tried(chosen)) {
            chosen = elsewhere(attempt, chooser, chosen);
        }
        return attempt.begin(chosen, lastResort);
    }

    /** The strategy's own choice as long as it names untried servers; else an untried one at random; else what it named. */
    private ServerState elsewhere(Attempt attempt, Balancer.Picker chooser, ServerState named) {
        for (int i = 0; i < repicks; i++) {
            ServerState next = (ServerState) chooser.pick(attempt);
            if (!attempt.tried(next)) {
                return next;
            }
        }
        int untried = 0;
        for (ServerState candidate : candidates) {
            untried += attempt.tried(candidate) ? 0 : 1;
        }
        if (untried == 0) {
            return named;
        }
        // Any of them with the same chance: the next in the list would get all that fails over from one server.
        int chosen = attempt.random().nextInt(untried);
        for (ServerState candidate : candidates) {
            if (!attempt.tried(candidate) && chosen-- == 0) {
                return candidate;
            }
        }
        return named;
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
