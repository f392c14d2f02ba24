package io.lbclient.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Met if one of its parts is, also if an earlier one throws: an index looks for each of them on its own. */
final class AnyOf extends Condition {
    final List<Condition> parts;
    private final Condition[] inOrder;

    private AnyOf(List<Condition> parts) {
        this.parts = List.copyOf(parts);
        inOrder = this.parts.toArray(new Condition[0]);
    }

    static AnyOf of(Condition first, Condition second) {
        return new AnyOf(
                Stream.concat(partsOf(first).stream(), partsOf(second).stream()).toList());
    }

    static List<Condition> partsOf(Condition condition) {
        return condition instanceof AnyOf any ? any.parts : List.of(condition);
    }

    @Override
    boolean test(RoutedRequest request) {
        Throwable thrown = null;
        for (Condition part : inOrder) {
            try {
                if (part.test(request)) {
                    return true;
                }
            } catch (RuntimeException | Error e) {
                thrown = e;
            }
        }
        // Not known, rather than not met: else the negation of this would be met.
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
        return false;
    }

    @Override
    @Nullable String whyNot(RoutedRequest request) {
        List<String> reasons = new ArrayList<>();
        for (Condition part : inOrder) {
            String why = reasonOf(part, request);
            if (why == null) {
                return null;
            }
            reasons.add(why);
        }
        return String.join("; ", reasons);
    }

    private static @Nullable String reasonOf(Condition part, RoutedRequest request) {
        try {
            return part.whyNot(request);
        } catch (RuntimeException | Error e) {
            return part + ": a user's function threw " + e.getClass().getName();
        }
    }

    @Override
    public String toString() {
        return parts.stream().map(Condition::toString).collect(Collectors.joining(" or "));
    }
}
