package io.lbclient.test.sim;

import io.lbclient.Balancer;
import io.lbclient.balancer.Prober;

/** What a strategy may be given of the servers of a simulation that a client could not know, or only by asking. */
public sealed interface SimulatedServers permits Engine {
    /**
     * Returns a prober whose probes take 0.3 to 1 ms there and back. A server that hangs, or that refuses connections,
     * does not answer; one that fails requests answers all the same.
     *
     * @return the prober, of the one pool that the strategy is being set up for
     */
    Prober prober();

    /**
     * Returns the lower bound: join the shortest queue, by what all clients together have sent to each server, its
     * present speed, and whether it is working at all. No real client can know this.
     *
     * @return the omniscient strategy
     */
    Balancer omniscient();
}
