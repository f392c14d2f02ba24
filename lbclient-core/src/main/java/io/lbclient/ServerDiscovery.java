package io.lbclient;

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
    AutoCloseable subscribe(ServerSink sink);
}
