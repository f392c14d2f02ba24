package io.lbclient.routing;

import io.lbclient.PoolView;
import io.lbclient.ServerPool;
import io.lbclient.internal.Checks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A condition, and where the requests go that meet it. Immutable; prints itself readably.
 *
 * <pre>{@code
 * Rule canary = Rule.named("canary")
 *     .when(Condition.pathPrefix("/api"))
 *     .to(Split.by(SplitKey.cookie("user")).share(95, stable).share(5, fresh))
 *     .fallback(standby)
 *     .build();
 * }</pre>
 */
public final class Rule {
    private final String name;
    private final Condition condition;
    private final Target target;
    private final @Nullable Destination fallback;
    private final @Nullable Destination mirror;
    private final double mirrorShare;

    private Rule(Builder settings, Target target) {
        name = settings.name;
        condition = settings.condition;
        this.target = target;
        fallback = settings.fallback;
        mirror = settings.mirror;
        mirrorShare = settings.mirrorShare;
    }

    /**
     * Begins a rule that every request meets.
     *
     * @param name the rule's name: 1 to 256 visible ASCII characters
     * @return a builder
     * @throws IllegalArgumentException if the name is malformed
     */
    public static Builder named(String name) {
        return new Builder(Checks.visible("rule", name));
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
     * Returns the condition.
     *
     * @return the condition
     */
    public Condition condition() {
        return condition;
    }

    /**
     * Returns all destinations that a request can be sent to by this rule.
     *
     * @return those of its target, its fallback and its mirror
     */
    public List<Destination> destinations() {
        List<Destination> all = new ArrayList<>(target.destinations());
        if (fallback != null) {
            all.add(fallback);
        }
        if (mirror != null) {
            all.add(mirror);
        }
        return List.copyOf(all);
    }

    Target target() {
        return target;
    }

    @Nullable Destination fallback() {
        return fallback;
    }

    @Nullable Destination mirror() {
        return mirror;
    }

    double mirrorShare() {
        return mirrorShare;
    }

    @Override
    public String toString() {
        String text = name + ": " + condition + " -> " + target;
        if (fallback != null) {
            text += ", or else " + fallback;
        }
        if (mirror != null) {
            text += String.format(Locale.ROOT, ", %.4g%% mirrored to %s", 100 * mirrorShare, mirror);
        }
        return text;
    }

    /** Collects the parts of a rule; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private final String name;
        private Condition condition = Condition.any();
        private @Nullable Target target;
        private @Nullable Destination fallback;
        private @Nullable Destination mirror;
        private double mirrorShare;

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Sets which requests meet the rule. Default: all.
         *
         * @param asked the condition
         * @return this builder
         */
        public Builder when(Condition asked) {
            condition = asked;
            return this;
        }

        /**
         * Sets where they go.
         *
         * @param destination the destination
         * @return this builder
         */
        public Builder to(Destination destination) {
            target = new Target.Single(destination);
            return this;
        }

        /**
         * Sets where they go.
         *
         * @param pool the pool
         * @return this builder
         */
        public Builder to(ServerPool pool) {
            return to(Destination.of(pool));
        }

        /**
         * Sets where they go.
         *
         * @param pool the pool
         * @param view a view of it
         * @return this builder
         */
        public Builder to(ServerPool pool, PoolView view) {
            return to(Destination.of(pool, view));
        }

        /**
         * Sets among which destinations they are divided.
         *
         * @param split the division
         * @return this builder
         * @throws IllegalArgumentException if it has no destination, or none with a weight
         */
        public Builder to(Split split) {
            if (!split.leadsSomewhere()) {
                throw Checks.rejected("split", split, "at least one destination with a weight above 0");
            }
            target = new Target.Divided(split);
            return this;
        }

        /**
         * Lets something that nobody has verified choose among destinations that are all allowed to whoever meets the
         * rule.
         *
         * @param hint what the request says
         * @param byHint where it leads, for each thing that it may say; at least one
         * @param otherwise where it leads if it says nothing, or anything else
         * @return this builder
         * @throws IllegalArgumentException if {@code byHint} is empty
         */
        public Builder chooseByHint(Hint hint, Map<String, ServerPool> byHint, ServerPool otherwise) {
            if (byHint.isEmpty()) {
                throw Checks.rejected("byHint", byHint, "at least one destination");
            }
            Map<String, Destination> destinations = new LinkedHashMap<>();
            byHint.forEach((said, pool) -> destinations.put(said, Destination.of(pool)));
            target = new HintedTarget(hint, destinations, Destination.of(otherwise));
            return this;
        }

        /**
         * Sets where requests go when nobody can be picked where they should. Default: nowhere, the pick fails. A pool
         * picks ejected servers for want of better ones, so its fallback takes over when the pool is empty, drained,
         * full or closed; or when nobody is well, if it is built with {@code failingInPanic}.
         *
         * @param other the destination
         * @return this builder
         */
        public Builder fallback(Destination other) {
            fallback = other;
            return this;
        }

        /**
         * Sets where requests go when nobody can be picked where they should.
         *
         * @param pool the pool
         * @return this builder
         */
        public Builder fallback(ServerPool pool) {
            return fallback(Destination.of(pool));
        }

        /**
         * Sends copies of a part of the requests somewhere else too, where the answers are dropped. Default: none. The
         * adapter sends them; see its documentation for which it can copy.
         *
         * @param share the part, above 0 and at most 1; drawn at random for each request
         * @param shadow where the copies go
         * @return this builder
         * @throws IllegalArgumentException if the share is out of its range
         */
        public Builder mirror(double share, Destination shadow) {
            if (!(share > 0 && share <= 1)) {
                throw Checks.rejected("share", share, "> 0 and <= 1");
            }
            mirrorShare = share;
            mirror = shadow;
            return this;
        }

        /**
         * Sends copies of a part of the requests somewhere else too, where the answers are dropped.
         *
         * @param share the part, above 0 and at most 1; drawn at random for each request
         * @param shadow where the copies go
         * @return this builder
         * @throws IllegalArgumentException if the share is out of its range
         */
        public Builder mirror(double share, ServerPool shadow) {
            return mirror(share, Destination.of(shadow));
        }

        /**
         * Builds the rule.
         *
         * @return the rule
         * @throws IllegalArgumentException if it leads nowhere
         */
        public Rule build() {
            if (target == null) {
                throw Checks.rejected("rule", name, "a destination: to, or chooseByHint");
            }
            return new Rule(this, target);
        }
    }
}
