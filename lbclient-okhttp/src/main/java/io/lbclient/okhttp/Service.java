package io.lbclient.okhttp;

import io.lbclient.Outcome;
import io.lbclient.RetryBudget;
import io.lbclient.ServerPool;
import io.lbclient.retry.Hedge;
import io.lbclient.retry.Latencies;
import io.lbclient.retry.PickQueue;
import io.lbclient.routing.Destination;
import org.jspecify.annotations.Nullable;

/** A pool, or a view of one, as one interceptor uses it: with its queue, and what it has learned of the pool's latencies. */
final class Service {
    final ServerPool pool;
    final Destination destination;
    final Plan plan;
    final PickQueue queue;
    final Latencies latencies;
    final Connections connections;
    private final RetryBudget.Account budget;
    /** What bounds the hedges besides the budget; null if there are none, or every request may have one. */
    private final RetryBudget.@Nullable Account hedges;

    Service(Destination destination, Plan plan) {
        this.destination = destination;
        pool = destination.pool();
        connections = new Connections(pool, plan.drainTime, plan.threads);
        this.plan = plan;
        queue = new PickQueue(pool, plan.queueCapacity);
        latencies = new Latencies(pool.ticker());
        budget = pool.retryBudget();
        Hedge hedge = plan.hedge;
        hedges = hedge == null || hedge.share() == 1
                ? null
                : RetryBudget.of(hedge.share(), 0).open(pool.ticker());
    }

    /** Notes a request, once for all its attempts. */
    void request() {
        budget.request();
        RetryBudget.Account bound = hedges;
        if (bound != null) {
            bound.request();
        }
    }

    /** Pays for one more attempt. */
    boolean mayRepeat() {
        return budget.tryAcquire();
    }

    /** Pays for a hedge: it is a further attempt, and a bounded part of the requests besides. */
    boolean mayHedge() {
        RetryBudget.Account bound = hedges;
        return (bound == null || bound.tryAcquire()) && budget.tryAcquire();
    }

    void answered(Outcome outcome, long nanos) {
        if (plan.races() && outcome == Outcome.SUCCESS) {
            latencies.record(nanos);
        }
    }
}
