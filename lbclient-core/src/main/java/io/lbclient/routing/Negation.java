package io.lbclient.routing;

import org.jspecify.annotations.Nullable;

/** Met if its part is not. */
final class Negation extends Condition {
    private final Condition part;

    Negation(Condition part) {
        this.part = part;
    }

    @Override
    boolean test(RoutedRequest request) {
        return !part.test(request);
    }

    @Override
    @Nullable String whyNot(RoutedRequest request) {
        return test(request) ? null : "it is excluded: " + part;
    }

    @Override
    public String toString() {
        return "not (" + part + ")";
    }
}
