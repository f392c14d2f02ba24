package io.lbclient.routing;

import org.jspecify.annotations.Nullable;

/**
 * What a router decided for one request. Immutable.
 *
 * @param rule the name of the rule, or {@link RuleSet#DEFAULT} if none matched
 * @param destination where the request goes
 * @param fallback where it goes if nobody can be picked there; null if the rule names none
 * @param mirror where a copy goes whose answer is dropped; null for none
 */
public record Decision(
        String rule,
        Destination destination,
        @Nullable Destination fallback,
        @Nullable Destination mirror) {
    @Override
    public String toString() {
        return rule + " -> " + destination + (fallback == null ? "" : ", or else " + fallback)
                + (mirror == null ? "" : ", mirrored to " + mirror);
    }
}
