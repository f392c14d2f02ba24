package io.lbclient.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Met if one of its parts is. */
final class AnyOf extends Condition {
    final List<Condition> parts;
    private final Condition[] inOrder;

    private AnyOf(List<Condition> parts) {
        this.parts = List.copyOf(parts);
        inOrder = this.parts.toArray(new Condition[0]);
    }

    static AnyOf of(Condition first, Condition second) {
        List<Condition> parts = new ArrayList<>(partsOf(first));
        parts.addAll(partsOf(second));
        return new AnyOf(parts);
    }

    static List<Condition> partsOf(Condition condition) {
        return condition instanceof AnyOf any ? any.parts : List.of(condition);
    }

    @Override
    boolean test(RoutedRequest request) {
        for (Condition part : inOrder) {
            if (part.test(request)) {
                return true;
            }
        }
        return false;
    }

    @Override
    @Nullable String whyNot(RoutedRequest request) {
        List<String> reasons = new ArrayList<>();
        for (Condition part : inOrder) {
            String why = part.whyNot(request);
            if (why == null) {
                return null;
            }
            reasons.add(why);
        }
        return String.join("; ", reasons);
    }

    @Override
    public String toString() {
        return parts.stream().map(Condition::toString).collect(Collectors.joining(" or "));
    }
}
