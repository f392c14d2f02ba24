package io.lbclient;

import java.util.List;

/**
 * A source of servers: pushes the whole list whenever it changes.
 *
 * <p>A pool subscribes when it is built and closes the subscription when it is closed. A source never blocks a pick:
 * it works on threads of its own, and while it is silent or fails, the pool goes on with the last list.
 */
@FunctionalInterface
public interface ServerDiscovery {
    /**
     * Subscribes to the list.
     *
     * @param sink what is pushed to, from any thread, also during this call
     * @return what ends the subscription
     */
    AutoCloseable subscribe(Sink sink);

    /** Takes what a discovery finds. Safe for use by many threads. */
    interface Sink {
        /**
         * Takes the whole list; servers that are not in it leave.
         *
         * @param servers the servers
         * @throws IllegalArgumentException if two of them have one id and different settings; the list before stays
         */
        void update(List<Server> servers);

        /**
         * Takes note that the source failed; the list before stays.
         *
         * @param cause what went wrong
         */
        void failed(Throwable cause);
    }
}
