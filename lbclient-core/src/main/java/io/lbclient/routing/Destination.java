package io.lbclient.routing;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.PoolView;
import io.lbclient.RequestView;
import io.lbclient.ServerPool;
import org.jspecify.annotations.Nullable;

/**
 * Where a rule leads: a pool, or a view of one. Two destinations are equal if they have the same pool and view.
 *
 * @param pool the pool
 * @param view a view of that pool, from which the servers are picked; null for all of the pool
 */
public record Destination(ServerPool pool, @Nullable PoolView view) {
    /**
     * Returns a pool as a destination.
     *
     * @param pool the pool
     * @return the destination
     */
    public static Destination of(ServerPool pool) {
        return new Destination(pool, null);
    }

    /**
     * Returns a view as a destination.
     *
     * @param pool the pool, whose retry budget and clock the requests use
     * @param view a view of it; whoever made it closes it, after the rule is gone
     * @return the destination
     */
    public static Destination of(ServerPool pool, PoolView view) {
        return new Destination(pool, view);
    }

    /**
     * Picks a server.
     *
     * @param request the request
     * @return the attempt, in flight from now on
     * @throws NoServerAvailableException if no server may be picked
     */
    public Attempt pick(RequestView request) {
        return view == null ? pool.pick(request) : view.pick(request);
    }

    /**
     * Returns whether a pick would find a server with room, as things stand.
     *
     * @return false if every pick fails
     */
    public boolean hasRoom() {
        return view == null ? pool.hasRoom() : view.hasRoom();
    }

    @Override
    public String toString() {
        return view == null ? pool.name() : view.toString();
    }
}
