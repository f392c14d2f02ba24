package io.lbclient;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One making of a snapshot: sorts a view's servers into tiers and zones, gives each group its share of the load and its
 * picker. Runs off the path of a request, with the publishing lock held.
 */
final class Grouping {
    private final PoolState pool;
    private final String view;
    private final Snapshot before;
    private final List<ServerState> members;
    /** Those of them that cannot be picked, and count in their tier and zone as if they were unhealthy. */
    private final Set<ServerState> away;
    // The strategy's own last picker of each group: whatever stood in for it, or even an empty view, does not lose its
    // position.
    private final Map<Group.Key, Balancer.Picker> pickers;
    private final List<Group> groups = new ArrayList<>();
    private final List<Double> shares = new ArrayList<>();
    private final List<Group> spares = new ArrayList<>();
    private final List<ServerState> trials = new ArrayList<>();

    Grouping(
            PoolState pool,
            String view,
            Snapshot before,
            List<ServerState> members,
            Set<ServerState> away,
            Map<Group.Key, Balancer.Picker> pickers) {
        this.pool = pool;
        this.view = view;
        this.before = before;
        this.members = members;
        this.away = away;
        this.pickers = pickers;
    }

    Snapshot snapshot() {
        SortedMap<Integer, Lineup> tiers = tiers();
        Snapshot.Spread spread = spread(tiers);
        if (groups.isEmpty()) {
            return new Snapshot(view, Snapshot.Content.only(trials), spread, noServer());
        }
        forgetPickersOfNobody(tiers.keySet());
        return new Snapshot(view, new Snapshot.Content(groups, normalizedShares(), spares, trials), spread, "");
    }

    /** The servers that could be picked, by tier. Notes the trials on the way. */
    private SortedMap<Integer, Lineup> tiers() {
        boolean weighted = someWeight();
        SortedMap<Integer, Lineup> tiers = new TreeMap<>();
        int lastTier = -1;
        Lineup lineup = new Lineup(0);
        for (ServerState state : members) {
            Health health = state.seen();
            if (health.withdrawn()) {
                // Those taken out on purpose stay out, even if nothing else is left.
                continue;
            }
            if (health.trialOffered() && !away.contains(state)) {
                trials.add(state);
            }
            double weight = state.weight();
            // So does weight 0 while anybody in whatever tier and zone has a weight, or a whole tier of weight 0 would
            // keep its load.
            if (weighted && weight == 0) {
                continue;
            }
            int tier = state.tier();
            if (tier != lastTier) {
                // Nearly always all are in the first. If each had room for all, many tiers would take the square of
                // that.
                int room = tiers.isEmpty() ? members.size() : 0;
                lineup = tiers.computeIfAbsent(tier, unknown -> new Lineup(room));
                lastTier = tier;
            }
            lineup.add(state, weight);
        }
        return tiers;
    }

    private boolean someWeight() {
        for (ServerState state : members) {
            if (eligible(state) && state.weight() > 0) {
                return true;
            }
        }
        return false;
    }

    private Snapshot.Spread spread(SortedMap<Integer, Lineup> tiers) {
        Failover failover = pool.failover();
        List<Lineup> servers = List.copyOf(tiers.values());
        List<Lineup> eligible =
                servers.stream().map(tier -> tier.where(this::eligible)).toList();
        TierLoads loads = TierLoads.of(
                servers.stream().mapToInt(Lineup::size).toArray(),
                eligible.stream().mapToInt(Lineup::size).toArray(),
                failover.overprovisioningPercent(),
                failover.panicThreshold());
        Map<Integer, Integer> percent = new LinkedHashMap<>();
        TreeSet<Integer> panicking = new TreeSet<>();
        int i = 0;
        for (int tier : tiers.keySet()) {
            if (loads.panic[i]) {
                panicking.add(tier);
            }
            if (loads.percent[i] > 0) {
                percent.put(tier, loads.percent[i]);
                if (!loads.panic[i]) {
                    addTier(tier, eligible.get(i), servers.get(i), loads.percent[i]);
                } else if (!failover.failInPanic()) {
                    addWhole(tier, eligible.get(i), servers.get(i), loads.percent[i]);
                }
            } else if (!loads.panic[i]) {
                spare(new Group.Key(tier, ""), eligible.get(i));
            }
            i++;
        }
        return new Snapshot.Spread(percent, panicking);
    }

    private void addTier(int tier, Lineup eligible, Lineup all, double percent) {
        ZoneAffinity affinity = pool.zoneAffinity();
        Map<String, Double> split = affinity == null
                ? Map.of()
                : affinity.split(
                        ZoneAffinity.count(eligible.list()),
                        ZoneAffinity.count(all.list()),
                        pool.failover().overprovisioningPercent());
        if (split.isEmpty()) {
            add(new Group.Key(tier, ""), eligible, percent, false);
            return;
        }
        for (String zone : new TreeSet<>(ZoneAffinity.count(eligible.list()).keySet())) {
            Lineup inZone = eligible.where(s -> s.server().zone().equals(zone));
            double share = split.getOrDefault(zone, 0.0);
            if (share > 0) {
                add(new Group.Key(tier, zone), inZone, percent * share, false);
            } else {
                spare(new Group.Key(tier, zone), inZone);
            }
        }
    }

    /** A tier in panic: healthy or not, as long as it can be reached. */
    private void addWhole(int tier, Lineup eligible, Lineup all, double percent) {
        Lineup reachable = away.isEmpty() ? all : all.where(state -> !away.contains(state));
        if (!reachable.isEmpty()) {
            add(new Group.Key(tier, ""), reachable, percent, eligible.size() < reachable.size());
        }
    }

    private boolean eligible(ServerState state) {
        return state.seenEligible() && (away.isEmpty() || !away.contains(state));
    }

    private void add(Group.Key key, Lineup servers, double share, boolean lastResort) {
        groups.add(group(key, servers, lastResort));
        shares.add(share);
    }

    private void spare(Group.Key key, Lineup servers) {
        if (!servers.isEmpty()) {
            spares.add(group(key, servers, false));
        }
    }

    private Group group(Group.Key key, Lineup servers, boolean lastResort) {
        // Among servers that are picked for want of eligible ones, weight 0 counts too, unless all have it.
        Lineup lineup = servers.weighted();
        Balancer.Picker known = pickers.get(key);
        Group group = before.group(key);
        Balancer.Picker picker = known != null && group != null && group.samePicks(known, lineup)
                ? known
                : newPicker(key, Collections.unmodifiableList(lineup.list()), known);
        return new Group(key, lineup, picker, lastResort);
    }

    private Balancer.Picker newPicker(Group.Key key, List<ServerState> candidates, Balancer.@Nullable Picker previous) {
        try {
            Balancer.Picker made = pool.balancer().picker(candidates, previous);
            pickers.put(key, Objects.requireNonNull(made, "the balancer's picker"));
            return made;
        } catch (RuntimeException | Error e) {
            // The old picker would go on naming servers that have left: better a plain choice among the right ones.
            pool.news().failed("the balancer, so servers are picked at random", e);
            return context -> candidates.get(context.random().nextInt(candidates.size()));
        }
    }

    /** Tiers and zones come and go with the servers; their pickers must not stay for ever. */
    private void forgetPickersOfNobody(Set<Integer> tiers) {
        if (pickers.keySet().stream().allMatch(key -> key.zone().isEmpty() && tiers.contains(key.tier()))) {
            return;
        }
        Set<String> zones = ZoneAffinity.count(members).keySet();
        pickers.keySet()
                .removeIf(key -> !tiers.contains(key.tier()) || !(key.zone().isEmpty() || zones.contains(key.zone())));
    }

    /** A tier that fails in its panic leaves its share to the others. */
    private List<Double> normalizedShares() {
        double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
        return shares.stream().map(share -> share / sum).toList();
    }

    private String noServer() {
        StringBuilder text = new StringBuilder(view)
                .append(": no server available (")
                .append(members.size())
                .append(" servers");
        String separator = ": ";
        for (HealthState state : HealthState.values()) {
            long count = members.stream().filter(s -> s.seen().state() == state).count();
            if (count > 0) {
                text.append(separator).append(count).append(' ').append(state);
                separator = ", ";
            }
        }
        if (!away.isEmpty()) {
            text.append(separator).append(away.size()).append(" not connected");
        }
        return text.append(')').toString();
    }
}
