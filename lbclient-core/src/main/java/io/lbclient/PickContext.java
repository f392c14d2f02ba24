package io.lbclient;

import java.util.random.RandomGenerator;

/** What a {@link Balancer.Picker} is told about the pick that it makes; valid only during that pick. */
public interface PickContext {
    /**
     * Returns the request to be sent.
     *
     * @return the request, {@link RequestView#EMPTY} if the caller showed none
     */
    RequestView request();

    /**
     * Returns whether an earlier attempt of the same request went to a server.
     *
     * <p>A picker may ignore this: the pool itself picks again when a server was tried already.
     *
     * @param candidate the server
     * @return true if it was tried
     */
    boolean tried(Candidate candidate);

    /**
     * Returns the pool's source of randomness.
     *
     * @return a generator that many threads may use at once
     */
    RandomGenerator random();

    /**
     * Returns the reading of the pool's {@link Ticker} at the start of this pick.
     *
     * @return nanoseconds since an arbitrary origin
     */
    long now();
}
