package io.lbclient.routing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One way to meet a rule, taken apart: the path and the hosts by which the index finds it, and what is left to be tested.
 *
 * @param entry the rule
 * @param path the path that it asks for; null if it asks for none that an index can find
 * @param hosts the hosts that it asks for; null if for none in particular
 * @param rest what is left to be tested; null for nothing
 */
record Alternative(
        Entry entry,
        @Nullable PathCondition path,
        @Nullable HostCondition hosts,
        @Nullable Condition rest) {
    /** A rule of more alternatives is tested as it is: taking apart a product of sums would take for ever. */
    private static final int MOST = 256;
    /** Only how many they are is looked at, and that must not grow on the way up through nested conditions. */
    private static final List<List<Condition>> TOO_MANY = Collections.nCopies(MOST + 1, List.of());

    boolean meets(RoutedRequest request) {
        Condition left = rest;
        return left == null || entry.meets(left, request);
    }

    static List<Alternative> of(Entry entry) {
        List<List<Condition>> ways = ways(entry.rule.condition());
        if (ways.size() > MOST) {
            return List.of(new Alternative(entry, null, null, entry.rule.condition()));
        }
        return ways.stream().map(parts -> of(entry, parts)).toList();
    }

    private static Alternative of(Entry entry, List<Condition> parts) {
        PathCondition path = null;
        HostCondition hosts = null;
        List<Condition> rest = new ArrayList<>();
        for (Condition part : parts) {
            if (path == null && part instanceof PathCondition asked) {
                path = asked;
            } else if (hosts == null && part instanceof HostCondition asked && asked.endings.isEmpty()) {
                hosts = asked;
            } else {
                rest.add(part);
            }
        }
        Condition left = rest.isEmpty() ? null : rest.size() == 1 ? rest.get(0) : new AllOf(rest);
        return new Alternative(entry, path, hosts, left);
    }

    /** The ways to meet a condition, each a list of what must hold together: its disjunctive form, as far as needed. */
    private static List<List<Condition>> ways(Condition condition) {
        if (condition instanceof AnyOf any && finds(condition)) {
            List<List<Condition>> ways = new ArrayList<>();
            for (Condition part : any.parts) {
                ways.addAll(ways(part));
                if (ways.size() > MOST) {
                    return TOO_MANY;
                }
            }
            return ways;
        }
        if (!(condition instanceof AllOf all)) {
            return List.of(List.of(condition));
        }
        List<List<Condition>> ways = List.of(List.of());
        for (Condition part : all.parts) {
            List<List<Condition>> further = ways(part);
            if ((long) ways.size() * further.size() > MOST) {
                return TOO_MANY;
            }
            List<List<Condition>> longer = new ArrayList<>();
            for (List<Condition> before : ways) {
                for (List<Condition> more : further) {
                    List<Condition> way = new ArrayList<>(before);
                    way.addAll(more);
                    longer.add(way);
                }
            }
            ways = longer;
        }
        return ways;
    }

    /** Whether there is something in it that an index can find. */
    private static boolean finds(Condition condition) {
        if (condition instanceof AnyOf any) {
            return any.parts.stream().allMatch(Alternative::finds);
        }
        if (condition instanceof AllOf all) {
            return all.parts.stream().anyMatch(Alternative::finds);
        }
        return condition instanceof PathCondition
                || (condition instanceof HostCondition host && host.endings.isEmpty());
    }
}
