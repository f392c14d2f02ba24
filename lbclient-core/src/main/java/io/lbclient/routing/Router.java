package io.lbclient.routing;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.RequestView;
import io.lbclient.internal.Checks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends each request to the pool that the first matching rule names.
 *
 * <pre>{@code
 * Router router = Router.of("shop", RuleSet.builder()
 *     .rule(Rule.named("static").when(Condition.pathPrefix("/static")).to(files).build())
 *     .rule(Rule.named("beta").when(Condition.header("x-beta").is("yes")).to(beta).build())
 *     .otherwise(orders)
 *     .build());
 * Attempt attempt = router.pick(request);
 * }</pre>
 *
 * <p>Safe for use by many threads; takes no lock. Finding the rule costs time in proportion to the length of the path and
 * to the rules that the host and the path leave over, never to the number of exact and prefix rules.
 */
public final class Router {
    private final String name;
    private final RandomGenerator random;
    private volatile RuleIndex index;

    private Router(String name, RuleSet rules, RandomGenerator random) {
        this.name = Checks.visible("router", name);
        this.random = random;
        index = new RuleIndex(rules);
    }

    /**
     * Returns a router.
     *
     * @param name its name, for messages: 1 to 256 visible ASCII characters
     * @param rules the rules to begin with
     * @return the router
     * @throws IllegalArgumentException if the name is malformed
     */
    public static Router of(String name, RuleSet rules) {
        return new Router(name, rules, () -> ThreadLocalRandom.current().nextLong());
    }

    /**
     * Returns a router with randomness of its own, for tests.
     *
     * @param name its name, for messages: 1 to 256 visible ASCII characters
     * @param rules the rules to begin with
     * @param random draws mirrored requests, and those that a split finds no key in; used by all threads that route
     * @return the router
     * @throws IllegalArgumentException if the name is malformed
     */
    public static Router of(String name, RuleSet rules, RandomGenerator random) {
        return new Router(name, rules, random);
    }

    /**
     * Returns the name.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Returns the rules of now.
     *
     * @return the rules
     */
    public RuleSet rules() {
        return index.rules;
    }

    /**
     * Replaces all rules at once. Each request is decided by the old ones or by the new ones, never by some of each.
     *
     * @param rules the rules from now on
     */
    public void replace(RuleSet rules) {
        index = new RuleIndex(rules);
    }

    /**
     * Decides where a request goes.
     *
     * @param request the request
     * @return the decision
     * @throws NoRouteException if no rule matches, or the path is refused, and the rules make that an error
     */
    public Decision route(RequestView request) {
        RuleIndex now = index;
        RoutedRequest routed = new RoutedRequest(request, now.rules);
        Entry first = now.first(routed);
        if (first != null) {
            return first.decide(routed, random);
        }
        Decision otherwise = now.otherwise;
        if (otherwise == null) {
            throw new NoRouteException(
                    noRoute(request, routed, now.rules.rules().size()));
        }
        return otherwise;
    }

    private String noRoute(RequestView request, RoutedRequest routed, int rules) {
        String why = routed.path == null
                ? "the path is refused: " + NormalPath.refusal(request.path())
                : "none of " + rules + " rules matches";
        return name + ": " + why + " (" + RoutedRequest.describe(request) + ")";
    }

    /**
     * Decides where a request goes and picks a server there, or at the rule's fallback if nobody can be picked. Mirroring
     * is left to who sends the request.
     *
     * @param request the request
     * @return the attempt, in flight from now on
     * @throws NoRouteException if no rule matches, or the path is refused, and the rules make that an error
     * @throws NoServerAvailableException if nobody can be picked at the fallback either, or there is none
     */
    public Attempt pick(RequestView request) {
        Decision decision = route(request);
        Destination fallback = decision.fallback();
        if (fallback == null) {
            return decision.destination().pick(request);
        }
        try {
            return decision.destination().pick(request);
        } catch (NoServerAvailableException e) {
            return fallback.pick(request);
        }
    }

    /**
     * Explains where a request would go. It goes through the rules one by one, so it is for people, not for every request.
     *
     * @param request the request
     * @return which rule decides, and why the earlier ones do not
     */
    public Explanation explain(RequestView request) {
        RuleIndex now = index;
        RoutedRequest routed = new RoutedRequest(request, now.rules);
        List<Explanation.Step> steps = new ArrayList<>();
        Entry first = now.firstInOrder(routed, steps);
        Decision decision = first == null ? now.otherwise : first.decide(routed, random);
        return new Explanation(
                name,
                RoutedRequest.describe(request),
                routed.path,
                List.copyOf(steps),
                decision,
                summary(request, routed, first, decision));
    }

    private static String summary(
            RequestView request, RoutedRequest routed, @Nullable Entry first, @Nullable Decision decision) {
        String where = decision == null ? "that is an error" : decision.toString();
        if (first != null) {
            return where + " (" + first.rule.target() + ")";
        }
        return routed.path == null
                ? "the path is refused: " + NormalPath.refusal(request.path()) + "; " + where
                : "no rule matches; " + where;
    }

    @Override
    public String toString() {
        return name + "\n" + index.rules;
    }
}
