package io.lbclient;

import java.util.ArrayList;
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
    // The strategy's own last picker of each group: whatever stood in for it, or even an empty view, does not lose its
    // position.
    private final Map<Group.Key, Balancer.Picker> pickers;
    private final List<Group> groups = new ArrayList<>();
    private final List<Double> shares = new ArrayList<>();
    private final List<Group> spares = new ArrayList<>();

    Grouping(
            PoolState pool,
            String view,
            Snapshot before,
            List<ServerState> members,
            Map<Group.Key, Balancer.Picker> pickers) {
        this.pool = pool;
        this.view = view;
        this.before = before;
        this.members = members;
        this.pickers = pickers;
    }

    Snapshot snapshot() {
        SortedMap<Integer, List<ServerState>> tiers = new TreeMap<>();
        boolean weighted = members.stream().anyMatch(s -> s.seen().eligible() && s.weight() > 0);
        for (ServerState state : members) {
            // Those taken out on purpose stay out, even if nothing else is left. So does weight 0 while anybody in
            // whatever tier and zone has a weight, or a whole tier of weight 0 would keep its load.
            if (!state.seen().withdrawn() && !(weighted && state.weight() == 0)) {
                tiers.computeIfAbsent(state.server().tier(), tier -> new ArrayList<>())
                        .add(state);
            }
        }
        Snapshot.Spread spread = spread(tiers);
        if (groups.isEmpty()) {
            return new Snapshot(view, Snapshot.Content.only(trials()), spread, noServer());
        }
        forgetPickersOfNobody(tiers.keySet());
        return new Snapshot(view, new Snapshot.Content(groups, normalizedShares(), spares, trials()), spread, "");
    }

    private Snapshot.Spread spread(SortedMap<Integer, List<ServerState>> tiers) {
        Failover failover = pool.failover();
        List<List<ServerState>> servers = List.copyOf(tiers.values());
        List<List<ServerState>> eligible = servers.stream()
                .map(tier -> tier.stream().filter(s -> s.seen().eligible()).toList())
                .toList();
        TierLoads loads = TierLoads.of(
                servers.stream().mapToInt(List::size).toArray(),
                eligible.stream().mapToInt(List::size).toArray(),
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
                    boolean lastResort = eligible.get(i).size() < servers.get(i).size();
                    add(new Group.Key(tier, ""), servers.get(i), loads.percent[i], lastResort);
                }
            } else if (!loads.panic[i]) {
                spare(new Group.Key(tier, ""), eligible.get(i));
            }
            i++;
        }
        return new Snapshot.Spread(percent, panicking);
    }

    private void addTier(int tier, List<ServerState> eligible, List<ServerState> all, double percent) {
        ZoneAffinity affinity = pool.zoneAffinity();
        Map<String, Double> split = affinity == null
                ? Map.of()
                : affinity.split(
                        ZoneAffinity.count(eligible),
                        ZoneAffinity.count(all),
                        pool.failover().overprovisioningPercent());
        if (split.isEmpty()) {
            add(new Group.Key(tier, ""), eligible, percent, false);
            return;
        }
        for (String zone : new TreeSet<>(ZoneAffinity.count(eligible).keySet())) {
            List<ServerState> inZone = eligible.stream()
                    .filter(s -> s.server().zone().equals(zone))
                    .toList();
            double share = split.getOrDefault(zone, 0.0);
            if (share > 0) {
                add(new Group.Key(tier, zone), inZone, percent * share, false);
            } else {
                spare(new Group.Key(tier, zone), inZone);
            }
        }
    }

    private void add(Group.Key key, List<ServerState> servers, double share, boolean lastResort) {
        groups.add(group(key, servers, lastResort));
        shares.add(share);
    }

    private void spare(Group.Key key, List<ServerState> servers) {
        if (!servers.isEmpty()) {
            spares.add(group(key, servers, false));
        }
    }

    private Group group(Group.Key key, List<ServerState> servers, boolean lastResort) {
        List<ServerState> candidates = withoutZeroWeights(servers);
        double[] weights = candidates.stream().mapToDouble(ServerState::weight).toArray();
        Balancer.Picker known = pickers.get(key);
        Group group = before.group(key);
        Balancer.Picker picker = known != null && group != null && group.samePicks(known, candidates, weights)
                ? known
                : newPicker(key, candidates, known);
        return new Group(key, candidates.toArray(ServerState[]::new), weights, picker, lastResort);
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

    /** Among servers that are picked for want of eligible ones, weight 0 counts too, unless all have it. */
    private static List<ServerState> withoutZeroWeights(List<ServerState> servers) {
        if (servers.stream().allMatch(s -> s.weight() > 0)) {
            return servers;
        }
        List<ServerState> weighted =
                servers.stream().filter(s -> s.weight() > 0).toList();
        return weighted.isEmpty() ? servers : weighted;
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

    private List<ServerState> trials() {
        return members.stream()
                .filter(s -> s.seen().trialOffered() && !s.seen().withdrawn())
                .toList();
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
        return text.append(')').toString();
    }
}
