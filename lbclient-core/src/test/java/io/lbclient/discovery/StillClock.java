package io.lbclient.discovery;

import io.lbclient.ServerDiscovery;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.balancer.Balancers;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.time.Duration;
import java.util.List;

/** Pools on a clock that stands still. */
class StillClock {
    final FakeTicker ticker = new FakeTicker();
    final ManualScheduler scheduler = new ManualScheduler(ticker);

    ServerPoolBuilder builder() {
        return ServerPool.builder("orders")
                .ticker(ticker)
                .scheduler(scheduler)
                .seed(7)
                .balancer(Balancers.roundRobin())
                .startUpWait(Duration.ZERO);
    }

    ServerPool pool(ServerDiscovery source) {
        return builder().discovery(source).build();
    }

    static List<String> ids(ServerPool pool) {
        return pool.snapshot().servers().stream().map(s -> s.server().id()).toList();
    }

    void advance(Duration time) {
        scheduler.advance(time);
    }

    void seconds(long seconds) {
        scheduler.advance(Duration.ofSeconds(seconds));
    }
}
