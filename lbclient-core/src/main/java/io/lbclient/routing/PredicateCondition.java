package io.lbclient.routing;

import java.util.function.Predicate;

/** Tests something with a predicate that is not ours, under the words that describe it. */
final class PredicateCondition extends Condition {
    private final String description;
    private final Predicate<RoutedRequest> predicate;

    PredicateCondition(String description, Predicate<RoutedRequest> predicate) {
        this.description = description;
        this.predicate = predicate;
    }

    @Override
    boolean test(RoutedRequest request) {
        return predicate.test(request);
    }

    @Override
    public String toString() {
        return description;
    }
}
