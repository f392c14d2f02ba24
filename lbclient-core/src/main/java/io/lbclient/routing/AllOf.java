package io.lbclient.routing;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Met if all its parts are; without parts, by everything. */
final class AllOf extends Condition {
    final List<Condition> parts;
    private final Condition[] inOrder;

    AllOf(List<Condition> parts) {
        this.parts = List.copyOf(parts);
        inOrder = this.parts.toArray(new Condition[0]);
    }

    static AllOf of(Condition first, Condition second) {
        return new AllOf(
                Stream.concat(partsOf(first).stream(), partsOf(second).stream()).toList());
    }

    static List<Condition> partsOf(Condition condition) {
        return condition instanceof AllOf all ? all.parts : List.of(condition);
    }

    @Override
    boolean test(RoutedRequest request) {
        for (Condition part : inOrder) {
            if (!part.test(request)) {
                return false;
            }
        }
        return true;
    }

    @Override
    @Nullable String whyNot(RoutedRequest request) {
        for (Condition part : inOrder) {
            String why = part.whyNot(request);
            if (why != null) {
                return why;
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return parts.isEmpty()
                ? "any request"
                : parts.stream()
                        .map(part -> part instanceof AnyOf ? "(" + part + ")" : part.toString())
                        .collect(Collectors.joining(" and "));
    }
}
