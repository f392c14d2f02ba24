package io.lbclient;

/**
 * How an attempt ended, as far as it says something about the server.
 *
 * <p>An adapter maps what its transport reports to one of these; the pool counts, learns latency and detects bad
 * servers from them.
 */
public enum Outcome {
    /** The server answered, and not with a failure of its own. A client error, such as 404, is a success. */
    SUCCESS,
    /** The server answered with a failure of its own (such as 500), or broke off after the request was sent. */
    FAILURE,
    /** The server did not answer in the time that it had. */
    TIMEOUT,
    /** The server said that it has too much to do: 429, 503, RESOURCE_EXHAUSTED. */
    OVERLOADED,
    /** No connection came about, so nothing was sent: the request is safe to repeat elsewhere. */
    CONNECT_FAILURE,
    /** The caller gave up. Says nothing about the server. */
    CANCELLED,
    /** The server was never asked, for example because a cache answered. Says nothing about the server. */
    NOT_SENT;

    /**
     * Returns whether this counts against the server.
     *
     * @return true for {@link #FAILURE}, {@link #TIMEOUT}, {@link #OVERLOADED} and {@link #CONNECT_FAILURE}
     */
    public boolean failure() {
        return this == FAILURE || this == TIMEOUT || this == OVERLOADED || this == CONNECT_FAILURE;
    }
}
