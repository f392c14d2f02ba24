package io.lbclient.routing;

import io.lbclient.internal.Checks;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tests the method. */
final class MethodCondition extends Condition {
    private final List<String> methods;
    private final Set<String> known;

    MethodCondition(List<String> methods) {
        if (methods.isEmpty()) {
            throw Checks.rejected("methods", methods, "at least one");
        }
        methods.forEach(method -> Checks.visible("method", method));
        this.methods = methods;
        known = Set.copyOf(methods);
    }

    @Override
    boolean test(RoutedRequest request) {
        return known.contains(request.view.method());
    }

    @Override
    @Nullable String whyNot(RoutedRequest request) {
        return test(request) ? null : "the method is another";
    }

    @Override
    public String toString() {
        return "method " + String.join("|", methods);
    }
}
