package io.lbclient;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a pick reads: the groups of servers that may be picked at one moment, and each group's share. Immutable. */
final class Snapshot {
    static final ServerState[] NONE = {};

    private final Group[] groups;
    /** Up to which draw from [0, 1) each group is meant. */
    private final double[] bounds;
    /** Servers that are not picked otherwise and to which one request is to go. */
    private final ServerState[] trials;

    /** Eligible servers that get no load, such as those of a standby tier, in the order of their tiers. */
    private final ServerState[] spares;

    private final String whyNone;
    /** How the load is spread over the tiers. */
    final Spread spread;

    /** The groups in the order of their tiers, with shares that add up to 1; without any, every pick but a trial fails. */
    Snapshot(
            List<Group> groups,
            double[] shares,
            ServerState[] trials,
            ServerState[] spares,
            Spread spread,
            String whyNone) {
        this.groups = groups.toArray(Group[]::new);
        this.bounds = new double[shares.length];
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            sum += shares[i];
            bounds[i] = sum;
        }
        this.trials = trials;
        this.spares = spares;
        this.spread = spread;
        this.whyNone = whyNone;
    }

    /**
     * The load of each tier that gets any, in whole percent, and the tiers that are in panic.
     */
    record Spread(Map<Integer, Integer> percentByTier, Set<Integer> panicking) {
        static final Spread NONE = new Spread(Map.of(), Set.of());
    }

    @Nullable Group group(Group.Key key) {
        for (Group group : groups) {
            if (group.isFor(key)) {
                return group;
            }
        }
        return null;
    }

    /** A snapshot with nothing to pick. */
    static Snapshot empty(String whyNone) {
        return new Snapshot(List.of(), new double[0], NONE, NONE, Spread.NONE, whyNone);
    }

    Attempt pick(Attempt attempt, boolean again) {
        // First, since a pool that fails rather than pick a bad server comes back by its trials alone.
        if (trials.length > 0) {
            ServerState due = takeTrial(attempt, again);
            if (due != null) {
                return attempt.begin(due, true);
            }
        }
        if (groups.length == 0) {
            throw new NoServerAvailableException(whyNone);
        }
        Group group = groups.length == 1 ? groups[0] : draw(attempt);
        ServerState chosen = group.choose(attempt, again);
        return again && attempt.tried(chosen) ? elsewhere(attempt, group, chosen) : group.begin(attempt, chosen);
    }

    /**
     * An untried server of another group, if this one was tried whole; then one that gets no load, since a request that
     * found every server of the first tier dead is there before the rebuild that lets the next tier step in; else what
     * the group's strategy named.
     */
    private Attempt elsewhere(Attempt attempt, Group first, ServerState named) {
        for (Group group : groups) {
            ServerState other = group == first ? named : group.choose(attempt, true);
            if (!attempt.tried(other)) {
                return group.begin(attempt, other);
            }
        }
        ServerState spare = untriedSpare(attempt);
        return spare != null ? attempt.begin(spare, false) : first.begin(attempt, named);
    }

    /**
     * At random among those of the first tier that has one. One that asked to be left alone, or whose share is used up,
     * only if the others of the tier are so too: a group's retries keep to the same order.
     */
    private @Nullable ServerState untriedSpare(Attempt attempt) {
        double draw = attempt.random().nextDouble();
        ServerState chosen = null;
        boolean suits = false;
        int alike = 0;
        for (ServerState spare : spares) {
            if (chosen != null && spare.server().tier() != chosen.server().tier()) {
                break;
            }
            boolean admits = spare.admits(attempt.now(), draw);
            if (attempt.tried(spare) || (suits && !admits)) {
                continue;
            }
            alike = admits == suits ? alike + 1 : 1;
            suits = admits;
            chosen = attempt.random().nextInt(alike) == 0 ? spare : chosen;
        }
        return chosen;
    }

    boolean hasUntried(Attempt attempt) {
        for (Group group : groups) {
            for (ServerState candidate : group.candidates) {
                if (!attempt.tried(candidate)) {
                    return true;
                }
            }
        }
        for (ServerState spare : spares) {
            if (!attempt.tried(spare)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable ServerState takeTrial(Attempt attempt, boolean again) {
        for (ServerState due : trials) {
            if (!(again && attempt.tried(due)) && due.takeTrial()) {
                return due;
            }
        }
        return null;
    }

    private Group draw(Attempt attempt) {
        double drawn = attempt.random().nextDouble();
        for (int i = 0; i < bounds.length - 1; i++) {
            if (drawn < bounds[i]) {
                return groups[i];
            }
        }
        return groups[groups.length - 1];
    }
}
