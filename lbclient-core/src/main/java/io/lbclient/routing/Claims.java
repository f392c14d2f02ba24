package io.lbclient.routing;

import java.util.List;

/**
 * What a token says of its bearer, once it has been verified. Immutable or safe for use by many threads.
 */
@FunctionalInterface
public interface Claims {
    /** The claims of a request that has no valid token. */
    Claims NONE = name -> List.of();

    /**
     * Returns the values of a claim.
     *
     * @param name the claim's exact name
     * @return the values as text: one for a string, a number or a boolean, all for a list of them; empty if there is no
     *     such claim, or if it is an object
     */
    List<String> values(String name);
}
