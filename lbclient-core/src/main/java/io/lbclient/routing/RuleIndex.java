package io.lbclient.routing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A set of rules as a router asks it: finds the first rule, in their order, that a request meets. Immutable.
 *
 * <p>Rules that ask for a host, or for a path that is exact or a prefix, are found by looking it up, so that how many there
 * are makes no difference. The rest of a rule is tested after that.
 */
final class RuleIndex {
    final RuleSet rules;
    final @Nullable Decision otherwise;
    private final List<Entry> entries = new ArrayList<>();
    private final PathIndex anyHost;
    private final Map<String, PathIndex> byHost = new HashMap<>();

    RuleIndex(RuleSet rules) {
        this.rules = rules;
        Destination destination = rules.otherwise();
        otherwise = destination == null ? null : new Decision(RuleSet.DEFAULT, destination, null, null);
        List<Alternative> hostless = new ArrayList<>();
        Map<String, List<Alternative>> hosted = new HashMap<>();
        for (Rule rule : rules.rules()) {
            Entry entry = new Entry(entries.size(), rule);
            entries.add(entry);
            for (Alternative one : Alternative.of(entry)) {
                HostCondition hosts = one.hosts();
                if (hosts == null) {
                    hostless.add(one);
                } else {
                    hosts.exact.forEach(host ->
                            hosted.computeIfAbsent(host, h -> new ArrayList<>()).add(one));
                }
            }
        }
        anyHost = new PathIndex(hostless, rules.ignoresPathCase());
        hosted.forEach((host, list) -> byHost.put(host, new PathIndex(list, rules.ignoresPathCase())));
    }

    /** Returns the first rule that the request meets, null if it meets none or its path is refused. */
    @Nullable Entry first(RoutedRequest request) {
        String path = request.path;
        if (path == null) {
            return null;
        }
        Alternative best = null;
        if (!byHost.isEmpty()) {
            PathIndex own = byHost.get(request.host());
            best = own == null ? null : own.first(request, path, null);
        }
        best = anyHost.first(request, path, best);
        return best == null ? null : best.entry();
    }

    /** Goes through all rules one by one, as the order says: what the index must agree with, and what explains it. */
    @Nullable Entry firstInOrder(RoutedRequest request, List<Explanation.Step> steps) {
        if (request.path == null) {
            return null;
        }
        for (Entry entry : entries) {
            boolean met = entry.meets(entry.rule.condition(), request);
            steps.add(new Explanation.Step(
                    entry.rule.name(), met, met ? entry.rule.condition().toString() : why(entry, request)));
            if (met) {
                return entry;
            }
        }
        return null;
    }

    private static String why(Entry entry, RoutedRequest request) {
        try {
            String why = entry.rule.condition().whyNot(request);
            return why == null ? "it has changed its mind" : why;
        } catch (RuntimeException | Error e) {
            return "a user's function threw " + e.getClass().getName();
        }
    }
}
