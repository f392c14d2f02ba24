package io.lbclient.retry;

import io.lbclient.Outcome;

/**
 * Says what an answer means: the user's word on what counts as a failure of a server.
 *
 * <p>An empty 200 from a server that has lost its data is a success to any default, arrives faster than the right
 * answers, and would draw traffic. What the classifier says is what the pool learns, and what the default retry policy
 * retries where the request may be repeated. Called by many threads at once, on the path of a request.
 *
 * @param <R> the transport's type of answer
 */
@FunctionalInterface
public interface ResponseClassifier<R> {
    /**
     * Returns what an answer says about the server.
     *
     * @param response the answer, which stays the caller's: neither close nor consume it
     * @return how the attempt ended; never {@link Outcome#NOT_SENT}, {@link Outcome#CANCELLED} or {@link
     *     Outcome#CONNECT_FAILURE}, since there was an answer
     */
    Outcome classify(R response);
}
