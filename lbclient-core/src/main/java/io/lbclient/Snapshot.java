package io.lbclient;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a pick reads: the groups of servers that may be picked at one moment, and each group's share. Immutable. */
final class Snapshot {
    /** A server whose failure rate has come to this has failed twice in a row, or as good as that. */
    private static final double FAILING = 0.2;

    private final Group[] groups;
    /** Up to which draw from [0, 1) each group is meant. */
    private final double[] bounds;
    /** Servers that are not picked otherwise and to which one request is to go. */
    private final ServerState[] trials;

    /** Tiers and zones that get no load, for attempts that find nothing better in those that do, in the order of tiers. */
    private final Group[] spares;

    private final String view;
    private final String whyNone;
    /** How many servers there are in all groups. */
    private final int size;
    /** How the load is spread over the tiers. */
    final Spread spread;

    /** Who may be picked: groups in the order of their tiers, shares that add up to 1, spare groups and trials. */
    record Content(List<Group> groups, List<Double> shares, List<Group> spares, List<ServerState> trials) {
        static final Content NOTHING = only(List.of());

        static Content only(List<ServerState> trials) {
            return new Content(List.of(), List.of(), List.of(), trials);
        }
    }

    /** Without any groups, every pick but a trial fails. */
    Snapshot(String view, Content content, Spread spread, String whyNone) {
        this.view = view;
        this.groups = content.groups.toArray(Group[]::new);
        this.spares = content.spares.toArray(Group[]::new);
        this.bounds = new double[content.shares.size()];
        double sum = 0;
        for (int i = 0; i < bounds.length; i++) {
            sum += content.shares.get(i);
            bounds[i] = sum;
        }
        this.trials = content.trials.toArray(ServerState[]::new);
        this.spread = spread;
        this.whyNone = whyNone;
        this.size = Stream.concat(content.groups.stream(), content.spares.stream())
                .mapToInt(group -> group.candidates.length)
                .sum();
    }

    /**
     * The load of each tier that gets any, in whole percent, and the tiers that are in panic.
     */
    record Spread(Map<Integer, Integer> percentByTier, Set<Integer> panicking) {
        static final Spread NONE = new Spread(Map.of(), Set.of());
    }

    /** Each server's part of the picks, before any strategy, and who is picked for want of others. */
    record Shares(Map<ServerState, Double> byServer, Set<ServerState> lastResorts) {
        Shares withShares(Map<ServerState, Double> same) {
            return new Shares(same, lastResorts);
        }
    }

    Shares shares() {
        Map<ServerState, Double> byServer = new HashMap<>();
        Set<ServerState> lastResorts = new HashSet<>();
        double before = 0;
        for (int i = 0; i < groups.length; i++) {
            groups[i].addShares(byServer, bounds[i] - before);
            before = bounds[i];
            if (groups[i].isLastResort()) {
                lastResorts.addAll(List.of(groups[i].candidates));
            }
        }
        return new Shares(byServer, lastResorts);
    }

    @Nullable Group group(Group.Key key) {
        for (Group[] some : new Group[][] {groups, spares}) {
            for (Group group : some) {
                if (group.isFor(key)) {
                    return group;
                }
            }
        }
        return null;
    }

    /** A snapshot with nothing to pick. */
    static Snapshot empty(String view, String whyNone) {
        return new Snapshot(view, Content.NOTHING, Spread.NONE, view + ": no server available (" + whyNone + ")");
    }

    /** Whether there is anything to pick; it may be full. */
    boolean hasServers() {
        return groups.length > 0 || trials.length > 0;
    }

    /** Whether there is anything to pick that is not full. */
    boolean hasRoom() {
        return hasRoom(trials) || (groups.length > 0 && (hasRoom(groups) || hasRoom(spares)));
    }

    private static boolean hasRoom(Group[] some) {
        for (Group group : some) {
            if (hasRoom(group.candidates)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasRoom(ServerState[] some) {
        for (ServerState server : some) {
            if (server.hasRoom()) {
                return true;
            }
        }
        return false;
    }

    Attempt pick(Attempt attempt, boolean again) {
        // First, since a pool that fails rather than pick a bad server comes back by its trials alone.
        if (trials.length > 0 && beginTrial(attempt, again)) {
            return attempt;
        }
        if (groups.length == 0) {
            throw new NoServerAvailableException(whyNone, false);
        }
        String badZone = again ? badZone(attempt) : null;
        // Each turn that fails met a server whose last room another thread took just then.
        for (int turn = 0; turn <= size; turn++) {
            Group group = groups.length == 1 ? groups[0] : draw(attempt);
            ServerState chosen = group.pick(attempt, again, badZone);
            if (again || chosen == null) {
                Choice better = elsewhere(attempt, new Choice(group, chosen), again, badZone);
                group = better.group;
                chosen = better.server;
            }
            if (chosen == null) {
                break;
            }
            if (group.begin(attempt, chosen)) {
                return attempt;
            }
        }
        throw new NoServerAvailableException(view + ": no server has room (" + size + " servers, all full)", true);
    }

    private record Choice(Group group, @Nullable ServerState server) {}

    /**
     * A server of another group, if the one that was drawn has none that suits as well: it is full, or was tried whole,
     * or its zone looks bad. A request that found every server of the first tier dead is there before the rebuild that
     * lets the next tier step in, so those that get no load are looked at too.
     */
    private Choice elsewhere(Attempt attempt, Choice first, boolean again, @Nullable String badZone) {
        Choice best = first;
        int bestRank = rank(attempt, first.server, again, badZone);
        for (Group[] some : new Group[][] {groups, spares}) {
            for (Group group : some) {
                if (bestRank == Group.BEST) {
                    return best;
                }
                // Another tier is for those who find nothing untried in their own, not for leaving a zone.
                if (group == first.group || (some == spares && bestRank > 2 && group.tier() != first.group.tier())) {
                    continue;
                }
                ServerState other = group.pick(attempt, again, badZone);
                int rank = rank(attempt, other, again, badZone);
                if (rank > bestRank) {
                    best = new Choice(group, other);
                    bestRank = rank;
                }
            }
        }
        return best;
    }

    private static int rank(Attempt attempt, @Nullable ServerState chosen, boolean again, @Nullable String badZone) {
        if (!again) {
            return chosen == null ? Group.FULL : Group.BEST;
        }
        return Group.rankAgain(chosen, attempt, badZone);
    }

    /**
     * The zone where the attempt before this one went, if at least half of its servers have failed of late: then it is
     * likely to be the zone that is ill, and not that one server.
     */
    private @Nullable String badZone(Attempt attempt) {
        Attempt previous = attempt.previous();
        String zone = previous == null ? "" : previous.server().zone();
        if (zone.isEmpty()) {
            return null;
        }
        int servers = 0;
        int failing = 0;
        for (Group[] some : new Group[][] {groups, spares}) {
            for (Group group : some) {
                for (ServerState candidate : group.candidates) {
                    if (candidate.server().zone().equals(zone)) {
                        servers++;
                        failing += candidate.failureRate(attempt.now()) >= FAILING ? 1 : 0;
                    }
                }
            }
        }
        return 2 * failing >= servers ? zone : null;
    }

    boolean hasUntried(Attempt attempt) {
        return hasUntried(groups, attempt) || hasUntried(spares, attempt);
    }

    private static boolean hasUntried(Group[] some, Attempt attempt) {
        for (Group group : some) {
            for (ServerState candidate : group.candidates) {
                if (!attempt.tried(candidate) && candidate.hasRoom()) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean beginTrial(Attempt attempt, boolean again) {
        ServerState due = takeTrial(attempt, again);
        if (due == null) {
            return false;
        }
        if (attempt.begin(due, true)) {
            return true;
        }
        // It filled up in this moment; the next pick shall try it.
        due.offerTrial();
        return false;
    }

    private @Nullable ServerState takeTrial(Attempt attempt, boolean again) {
        for (ServerState due : trials) {
            if (!(again && attempt.tried(due)) && due.hasRoom() && due.takeTrial()) {
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
