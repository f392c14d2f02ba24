package io.lbclient.routing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules that one key of an index leads to, in their order: those that still have to be tested one by one, and, where
 * many ask for different values of one header or the like, tables of those by value.
 */
final class Shortlist {
    /** Fewer that ask of one field are tested faster than its value is looked up. */
    private static final int WORTH_A_TABLE = 4;

    private static final Alternative[] NONE = {};

    private final Alternative[] scanned;
    private final ByValue[] tables;

    private Shortlist(List<Alternative> inOrder) {
        Map<String, List<Alternative>> byField = new LinkedHashMap<>();
        for (Alternative one : inOrder) {
            FieldCondition equality = equality(one);
            String field = equality == null ? "" : equality.field.toString();
            byField.computeIfAbsent(field, f -> new ArrayList<>()).add(one);
        }
        List<Alternative> rest = new ArrayList<>();
        List<ByValue> found = new ArrayList<>();
        byField.forEach((field, some) -> {
            if (field.isEmpty() || some.size() < WORTH_A_TABLE) {
                rest.addAll(some);
            } else {
                found.add(ByValue.of(some));
            }
        });
        rest.sort((a, b) -> Integer.compare(a.entry().order, b.entry().order));
        scanned = rest.toArray(NONE);
        tables = found.toArray(new ByValue[0]);
    }

    /** Leaves out all after the first that needs no test: nobody gets past it. */
    static Shortlist of(List<Alternative> inOrder) {
        List<Alternative> reachable = new ArrayList<>();
        for (Alternative one : inOrder) {
            reachable.add(one);
            if (one.rest() == null) {
                break;
            }
        }
        return new Shortlist(reachable);
    }

    static <K> Map<K, Shortlist> of(Stream<Alternative> all, Function<Alternative, K> key) {
        Map<K, List<Alternative>> lists = new HashMap<>();
        all.forEach(one ->
                lists.computeIfAbsent(key.apply(one), k -> new ArrayList<>()).add(one));
        Map<K, Shortlist> shortlists = new HashMap<>();
        lists.forEach((k, list) -> shortlists.put(k, of(list)));
        return shortlists;
    }

    private static @Nullable FieldCondition equality(Alternative one) {
        Condition rest = one.rest();
        if (rest == null) {
            return null;
        }
        for (Condition part : AllOf.partsOf(rest)) {
            if (part instanceof FieldCondition field && field.equal != null) {
                return field;
            }
        }
        return null;
    }

    /** Returns the first that a request meets, if it comes before the best so far; else the best so far. */
    @Nullable Alternative first(RoutedRequest request, @Nullable Alternative soFar) {
        Alternative best = first(scanned, request, soFar);
        for (ByValue table : tables) {
            best = table.first(request, best);
        }
        return best;
    }

    private static @Nullable Alternative first(
            Alternative[] inOrder, RoutedRequest request, @Nullable Alternative best) {
        int before = orderOf(best);
        for (Alternative one : inOrder) {
            if (one.entry().order >= before) {
                return best;
            }
            if (one.meets(request)) {
                return one;
            }
        }
        return best;
    }

    private static int orderOf(@Nullable Alternative one) {
        return one == null ? Integer.MAX_VALUE : one.entry().order;
    }

    /** Rules that ask for values of one field. */
    private record ByValue(Field field, Map<String, Alternative[]> byValue, Entry earliest) {
        static ByValue of(List<Alternative> some) {
            Map<String, List<Alternative>> lists = new HashMap<>();
            Field field = null;
            for (Alternative one : some) {
                FieldCondition equality = equality(one);
                if (equality == null) {
                    throw new IllegalStateException("no equality in " + one);
                }
                field = equality.field;
                Set<String> values = equality.equal == null ? Set.of() : equality.equal;
                values.forEach(value ->
                        lists.computeIfAbsent(value, v -> new ArrayList<>()).add(one));
            }
            Map<String, Alternative[]> byValue = new HashMap<>();
            lists.forEach((value, list) -> byValue.put(value, list.toArray(NONE)));
            if (field == null) {
                throw new IllegalStateException("no rules");
            }
            return new ByValue(field, byValue, some.get(0).entry());
        }

        @Nullable Alternative first(RoutedRequest request, @Nullable Alternative soFar) {
            if (earliest.order >= orderOf(soFar)) {
                return soFar;
            }
            if (field.kind != Field.Kind.CLAIM) {
                String value = earliest.read(field, request);
                return value == null ? soFar : first(value, request, soFar);
            }
            Alternative best = soFar;
            for (String value : field.values(request)) {
                best = first(value, request, best);
            }
            return best;
        }

        private @Nullable Alternative first(String value, RoutedRequest request, @Nullable Alternative soFar) {
            Alternative[] some = byValue.get(value);
            return some == null ? soFar : Shortlist.first(some, request, soFar);
        }
    }
}
