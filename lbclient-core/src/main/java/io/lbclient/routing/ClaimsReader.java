package io.lbclient.routing;

import io.lbclient.RequestView;

/**
 * Finds the token of a request, verifies it and reads its claims. The module {@code lbclient-jwt} has one.
 *
 * <p>It is asked at most once for each request, when the first rule that needs a claim is looked at; on the caller's
 * thread, so it must not block. It must be safe for use by many threads.
 */
@FunctionalInterface
public interface ClaimsReader {
    /**
     * Reads the claims of a request.
     *
     * @param request the request
     * @return the claims; {@link Claims#NONE} if the request has no token, or one that is not valid for whatever reason.
     *     What is thrown counts as that too
     */
    Claims read(RequestView request);
}
