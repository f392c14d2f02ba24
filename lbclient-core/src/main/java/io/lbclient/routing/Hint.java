package io.lbclient.routing;

import io.lbclient.RequestView;
import org.jspecify.annotations.Nullable;

/**
 * Something that a request says and nobody has verified, such as a claim of a token whose signature was not checked. It
 * chooses only among the pools that a rule has named, so whatever it says opens nothing; see {@link
 * Rule.Builder#chooseByHint}. It must be safe for use by many threads, and must not block.
 */
@FunctionalInterface
public interface Hint {
    /**
     * Reads the hint.
     *
     * @param request the request
     * @return what it says, or null if it says nothing. What is thrown counts as that too
     */
    @Nullable String read(RequestView request);
}
