package io.lbclient;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A load-balancing strategy: settings only, so that one object can serve many pools.
 *
 * <p>A pool calls {@link #picker} whenever the servers that may be picked, or their weights, change; whatever can be
 * computed once, such as a table, a ring or a schedule, is computed there. A strategy never sees a server that must
 * not be picked: health, draining, failover and retries are the pool's. The ready-made strategies are in {@code
 * io.lbclient.balancer.Balancers}; a strategy of one's own can be a lambda:
 *
 * <pre>{@code
 * Balancer first = (candidates, previous) -> context -> candidates.get(0);
 * }</pre>
 *
 * <p>Implementations must be safe for use by several pools at once. {@link #picker} is called by one thread at a time
 * for each pool or view.
 */
@FunctionalInterface
public interface Balancer {
    /**
     * Returns a picker over these candidates.
     *
     * @param candidates the servers that may be picked, at least one, immutable, in the order in which the pool was
     *     given them; a server of weight 0 is among them only if all have weight 0
     * @param previous the picker that this one follows, from which a position (such as a turn) may be carried over;
     *     null the first time
     * @return the picker
     */
    Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous);

    /**
     * Returns the strategy that a pool uses unless told otherwise: of the servers it looks at, the one with the least
     * expected wait, judged by latency, by what is in flight and for how long, and by recent failures.
     *
     * @return the adaptive strategy
     */
    static Balancer adaptive() {
        return AdaptivePicker::new;
    }

    /** Picks among the candidates that it was made for; called by many threads at once, on the path of a request. */
    @FunctionalInterface
    interface Picker {
        /**
         * Picks a server for a request. Must not block, and should not allocate.
         *
         * @param context the request, and what was tried
         * @return one of the candidates that this picker was made for
         */
        Candidate pick(PickContext context);
    }
}
