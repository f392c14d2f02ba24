package io.lbclient.routing;

import io.lbclient.ServerPool;
import io.lbclient.internal.Checks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rules in their order, and what happens when none matches. Immutable: a {@link Router} is given another set as a whole.
 * Prints itself, a line for each rule.
 */
public final class RuleSet {
    /** What a {@link Decision} names as its rule if none matched. */
    public static final String DEFAULT = "(default)";

    private final List<Rule> rules;
    private final @Nullable Destination otherwise;
    private final boolean ignoresPathCase;
    private final ClaimsReader claimsReader;
    private final Set<Destination> destinations;

    private RuleSet(Builder settings) {
        rules = List.copyOf(settings.rules);
        otherwise = settings.otherwise;
        ignoresPathCase = settings.ignorePathCase;
        claimsReader = settings.claims;
        Set<Destination> all = new LinkedHashSet<>();
        rules.forEach(rule -> all.addAll(rule.destinations()));
        if (otherwise != null) {
            all.add(otherwise);
        }
        destinations = Collections.unmodifiableSet(all);
    }

    /**
     * Begins a set.
     *
     * @return a builder without rules
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the rules.
     *
     * @return the rules in their order
     */
    public List<Rule> rules() {
        return rules;
    }

    /**
     * Returns where requests go that meet no rule.
     *
     * @return the destination, or null if that is an error
     */
    public @Nullable Destination otherwise() {
        return otherwise;
    }

    /**
     * Returns all destinations that a request can be sent to.
     *
     * @return those of the rules, and the default one
     */
    public Set<Destination> destinations() {
        return destinations;
    }

    boolean ignoresPathCase() {
        return ignoresPathCase;
    }

    ClaimsReader claimsReader() {
        return claimsReader;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rules.size(); i++) {
            text.append(i + 1).append(". ").append(rules.get(i)).append('\n');
        }
        return text.append("otherwise ")
                .append(otherwise == null ? "an error" : "-> " + otherwise)
                .append(ignoresPathCase ? " (paths in any case)" : "")
                .toString();
    }

    /** Collects the rules; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private final List<Rule> rules = new ArrayList<>();
        private @Nullable Destination otherwise;
        private boolean chosen;
        private boolean ignorePathCase;
        private ClaimsReader claims = request -> Claims.NONE;

        private Builder() {}

        /**
         * Adds a rule after those that were added before. The first rule that matches decides.
         *
         * @param rule the rule
         * @return this builder
         */
        public Builder rule(Rule rule) {
            rules.add(rule);
            return this;
        }

        /**
         * Adds rules after those that were added before.
         *
         * @param more the rules in their order
         * @return this builder
         */
        public Builder rules(List<Rule> more) {
            rules.addAll(more);
            return this;
        }

        /**
         * Sets where requests go that meet no rule, or whose path is refused.
         *
         * @param destination the destination
         * @return this builder
         */
        public Builder otherwise(Destination destination) {
            otherwise = destination;
            chosen = true;
            return this;
        }

        /**
         * Sets where requests go that meet no rule, or whose path is refused.
         *
         * @param pool the pool
         * @return this builder
         */
        public Builder otherwise(ServerPool pool) {
            return otherwise(Destination.of(pool));
        }

        /**
         * Makes it an error to meet no rule, or to have a path that is refused: a {@link NoRouteException}.
         *
         * @return this builder
         */
        public Builder otherwiseFail() {
            otherwise = null;
            chosen = true;
            return this;
        }

        /**
         * Compares paths in any case. Default: case matters, as RFC 3986 has it. Set it only if the servers do not tell
         * cases apart, and then do.
         *
         * @return this builder
         */
        public Builder ignorePathCase() {
            ignorePathCase = true;
            return this;
        }

        /**
         * Sets what verifies tokens and reads their claims. Default: no request has claims.
         *
         * @param reader the reader
         * @return this builder
         */
        public Builder claims(ClaimsReader reader) {
            claims = reader;
            return this;
        }

        /**
         * Builds the set.
         *
         * @return the set
         * @throws IllegalArgumentException if two rules have one name, or if it was not said what happens when none matches
         */
        public RuleSet build() {
            if (!chosen) {
                throw Checks.rejected("otherwise", "not set", "otherwise or otherwiseFail");
            }
            Set<String> names = new HashSet<>();
            for (Rule rule : rules) {
                if (!names.add(rule.name()) || rule.name().equals(DEFAULT)) {
                    throw Checks.rejected("rule", rule.name(), "a name of its own");
                }
            }
            return new RuleSet(this);
        }
    }
}
