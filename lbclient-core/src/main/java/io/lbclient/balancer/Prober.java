package io.lbclient.balancer;

import io.lbclient.Candidate;

/**
 * Asks a server how busy it is, for {@link Balancers#prequal(Prober)}: the transport of its probes.
 *
 * <p>Called by many threads at once, on the path of requests that go elsewhere, so it must not block: it sends the
 * question and returns. What it throws counts as no answer; the first time, it is logged.
 */
@FunctionalInterface
public interface Prober {
    /**
     * Sends a probe.
     *
     * @param server whom to ask
     * @param reply whom to tell the answer; a probe without an answer needs no notice
     */
    void probe(Candidate server, Reply reply);

    /** Takes the answer to a probe. Safe for use by many threads. */
    @FunctionalInterface
    interface Reply {
        /**
         * Takes what the server said. A negative figure is no answer.
         *
         * @param requestsInFlight how many requests the server is working on, of all its clients
         * @param latencyNanos how long recent requests took there, in nanoseconds, at about this many in flight (in the
         *     paper: their median); 0 if the server does not know yet
         */
        void answer(int requestsInFlight, long latencyNanos);
    }
}
