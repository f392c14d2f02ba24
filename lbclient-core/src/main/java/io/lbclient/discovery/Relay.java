package io.lbclient.discovery;

import io.lbclient.ServerDiscovery;
import io.lbclient.Ticker;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/** A sink before another one: what it is told it deals with itself, what it lends is the other one's. */
abstract class Relay implements ServerDiscovery.Sink {
    private final ServerDiscovery.Sink target;

    Relay(ServerDiscovery.Sink target) {
        this.target = target;
    }

    @Override
    public String pool() {
        return target.pool();
    }

    @Override
    public Ticker ticker() {
        return target.ticker();
    }

    @Override
    public RandomGenerator random() {
        return target.random();
    }

    @Override
    public ScheduledExecutorService scheduler() {
        return target.scheduler();
    }
}
