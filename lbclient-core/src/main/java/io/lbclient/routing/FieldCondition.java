package io.lbclient.routing;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Tests a header, a cookie, a query parameter or a claim. */
final class FieldCondition extends Condition {
    final Field field;
    /** The values that are asked for, if it is equality that is tested. */
    final @Nullable Set<String> equal;

    private final String description;
    private final Predicate<String> predicate;

    FieldCondition(Field field, String description, @Nullable Set<String> equal, Predicate<String> predicate) {
        this.field = field;
        this.description = description;
        this.equal = equal;
        this.predicate = predicate;
    }

    @Override
    boolean test(RoutedRequest request) {
        if (field.kind != Field.Kind.CLAIM) {
            String value = field.value(request);
            return value != null && predicate.test(value);
        }
        List<String> values = field.values(request);
        for (int i = 0; i < values.size(); i++) {
            if (predicate.test(values.get(i))) {
                return true;
            }
        }
        return false;
    }

    /** Says what is the matter without the value, which may be a secret. */
    @Override
    @Nullable String whyNot(RoutedRequest request) {
        if (test(request)) {
            return null;
        }
        String state = field.values(request).isEmpty() ? " is absent" : " is another";
        return field + state + " (expected: " + description + ")";
    }

    @Override
    public String toString() {
        return field + " " + description;
    }
}
