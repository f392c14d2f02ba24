package io.lbclient.routing;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A rule in an index: its place in the order, and all decisions that it can come to. */
final class Entry {
    private static final Logger log = LoggerFactory.getLogger(Router.class);

    final int order;
    final Rule rule;
    private final Decision[] plain;
    private final Decision[] mirrored;
    private final AtomicBoolean told = new AtomicBoolean();

    Entry(int order, Rule rule) {
        this.order = order;
        this.rule = rule;
        plain = decisions(rule, null);
        mirrored = decisions(rule, rule.mirror());
    }

    private static Decision[] decisions(Rule rule, @Nullable Destination mirror) {
        List<Destination> destinations = rule.target().destinations();
        return destinations.stream()
                .map(destination -> new Decision(rule.name(), destination, rule.fallback(), mirror))
                .toArray(Decision[]::new);
    }

    Decision decide(RoutedRequest request, RandomGenerator random) {
        int chosen;
        try {
            chosen = rule.target().choose(request, random);
        } catch (RuntimeException | Error e) {
            failed(e);
            chosen = rule.target().chooseBlindly(random);
        }
        double share = rule.mirrorShare();
        boolean copied = share > 0 && random.nextDouble() < share;
        return (copied ? mirrored : plain)[chosen];
    }

    /** A predicate is the user's: what it throws must not fail the requests of all other rules. */
    boolean meets(Condition condition, RoutedRequest request) {
        try {
            return condition.test(request);
        } catch (RuntimeException | Error e) {
            failed(e);
            return false;
        }
    }

    /** Returns a field's value; none if the request throws when it is asked. */
    @Nullable String read(Field field, RoutedRequest request) {
        try {
            return field.value(request);
        } catch (RuntimeException | Error e) {
            failed(e);
            return null;
        }
    }

    private void failed(Throwable e) {
        // Once, since it may happen at the rate of the requests.
        if (told.compareAndSet(false, true)) {
            log.warn("rule {}: a user's function threw; told once for this rule", rule.name(), e);
        }
    }
}
