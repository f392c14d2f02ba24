package io.lbclient.balancer;

import io.lbclient.Candidate;

/** What is compared when servers are compared; less is better. What the weight takes off it is not its business. */
@FunctionalInterface
interface Load {
    /** Stands for a latency of which nothing is known: about 39 hours in nanoseconds, the value in Finagle. */
    double UNKNOWN = Long.MAX_VALUE >> 16;

    /** The attempts in flight, as nginx's {@code least_conn} counts them. */
    Load REQUESTS = (server, now) -> server.inFlight();

    /**
     * Finagle's peak EWMA: the decayed latency times the attempts that there would be. A server of which no latency is
     * known costs nothing as long as it is idle, and all but infinitely much as soon as it is not, so that it is asked
     * once.
     */
    Load PEAK_EWMA = (server, now) -> {
        double cost = server.latencyNanos(now);
        int inFlight = server.inFlight();
        return cost == 0 && inFlight > 0 ? UNKNOWN + inFlight : cost * (inFlight + 1.0);
    };

    /** The load of a server at a time: finite, and at least 0. */
    double of(Candidate server, long now);
}
