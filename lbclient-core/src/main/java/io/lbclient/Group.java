package io.lbclient;

import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

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

    Group(Key key, Lineup lineup, Balancer.Picker picker, boolean lastResort) {
        this.tier = key.tier;
        this.zone = key.zone;
        this.candidates = lineup.servers();
        this.weights = lineup.weights();
        this.picker = picker;
        this.lastResort = lastResort;
        this.repicks = Math.min(REPICKS, candidates.length);
    }

    /** Which servers a group is for. An empty zone stands for all zones that are not told apart. */
    record Key(int tier, String zone) {}

    int tier() {
        return tier;
    }

    boolean isFor(Key key) {
        return tier == key.tier && zone.equals(key.zone);
    }

    /**
     * How well a server suits an attempt: {@link #FULL} is not to be picked at all, {@link #BEST} could not be better.
     */
    static final int FULL = 0;

    static final int BEST = 4;

    /**
     * Returns who is to be picked, or null if all servers are full.
     *
     * @param badZone a zone that the attempt had better leave, or null
     */
    @Nullable ServerState pick(Attempt attempt, boolean again, @Nullable String badZone) {
        ServerState named = (ServerState) picker.pick(attempt);
        return !again && !named.bounded() && attempt.suits(named) ? named : suiting(attempt, named, again, badZone);
    }

    /** The strategy's own choice, as long as it comes to name a server that suits. */
    private @Nullable ServerState suiting(Attempt attempt, ServerState named, boolean again, @Nullable String badZone) {
        // One draw for the whole pick: a strategy that names the same server again must not get a second chance for it.
        double draw = attempt.random().nextDouble();
        ServerState chosen = named;
        for (int i = 0; i < repicks && rank(chosen, attempt, again, badZone, draw) < BEST; i++) {
            chosen = (ServerState) picker.pick(attempt);
        }
        return rank(chosen, attempt, again, badZone, draw) == BEST
                ? chosen
                : instead(attempt, named, again, badZone, draw);
    }

    /**
     * A full server is out of the question. It is more to have a retry go where it has not been than to keep to a bound
     * on a share, and more to keep to that than to leave a zone.
     */
    private static int rank(ServerState server, Attempt attempt, boolean again, @Nullable String badZone, double draw) {
        if (!server.hasRoom()) {
            return FULL;
        }
        if (again && attempt.tried(server)) {
            return 1;
        }
        if (!server.admits(attempt.now(), draw) || !attempt.suits(server)) {
            return again ? 2 : 1;
        }
        return badZone != null && badZone.equals(server.server().zone()) ? 3 : BEST;
    }

    /**
     * What is picked if the strategy goes on naming what does not suit: the one that suits best, at random, or the next
     * in the list would get all that is sent away from one server. Where there is nothing better, what the strategy
     * named stands.
     */
    private @Nullable ServerState instead(
            Attempt attempt, ServerState named, boolean again, @Nullable String badZone, double draw) {
        RandomGenerator random = attempt.random();
        ServerState best = null;
        int bestRank = FULL;
        int equals = 0;
        for (ServerState candidate : candidates) {
            int rank = rank(candidate, attempt, again, badZone, draw);
            if (rank > bestRank) {
                best = candidate;
                bestRank = rank;
                equals = 1;
            } else if (rank == bestRank && rank != FULL && random.nextInt(++equals) == 0) {
                best = candidate;
            }
        }
        return bestRank == 1 && named.hasRoom() ? named : best;
    }

    boolean isLastResort() {
        return lastResort;
    }

    void addShares(Map<ServerState, Double> shares, double ofGroup) {
        double sum = Arrays.stream(weights).sum();
        for (int i = 0; i < candidates.length; i++) {
            shares.put(candidates[i], ofGroup * (sum == 0 ? 1.0 / candidates.length : weights[i] / sum));
        }
    }

    /** How well a server that this group chose suits a further attempt, apart from bounds on shares. */
    static int rankAgain(@Nullable ServerState chosen, Attempt attempt, @Nullable String badZone) {
        return chosen == null ? FULL : rank(chosen, attempt, true, badZone, 0);
    }

    boolean begin(Attempt attempt, ServerState chosen) {
        return attempt.begin(chosen, lastResort);
    }

    boolean samePicks(Balancer.Picker wanted, Lineup lineup) {
        // Servers are equal if they are the same.
        return picker == wanted
                && Arrays.equals(candidates, lineup.servers())
                && Arrays.equals(weights, lineup.weights());
    }
}
