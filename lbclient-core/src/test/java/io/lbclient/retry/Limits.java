package io.lbclient.retry;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.HealthMonitor;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A pool with limits, on a clock that stands still. */
final class Limits {
    /** Always the first candidate, full or not. */
    static final Balancer FIRST = (candidates, previous) -> context -> candidates.get(0);

    final FakeTicker ticker = new FakeTicker();
    final ManualScheduler scheduler = new ManualScheduler(ticker);

    static List<Server> servers(int count) {
        return IntStream.range(0, count).mapToObj(Limits::server).toList();
    }

    static Server server(int number) {
        return Server.of("127.0.0.1", 8080).withId("s" + number);
    }

    ServerPoolBuilder builder(HealthMonitor... monitors) {
        return ServerPool.builder("orders")
                .ticker(ticker)
                .scheduler(scheduler)
                .seed(7)
                .balancer(FIRST)
                .healthMonitors(monitors);
    }

    ServerPool pool(int servers, HealthMonitor... monitors) {
        return builder(monitors).servers(servers(servers)).build();
    }

    static int inFlight(ServerPool pool, int server) {
        return pool.snapshot().servers().stream()
                .filter(s -> s.server().id().equals("s" + server))
                .mapToInt(s -> s.inFlight())
                .sum();
    }

    static int inFlight(ServerPool pool) {
        return pool.snapshot().servers().stream().mapToInt(s -> s.inFlight()).sum();
    }

    /** Fills the only server to half of its limit or more, and has one attempt end in the given way. */
    void end(ServerPool pool, int inFlight, Duration latency, Outcome outcome) {
        List<Attempt> open = new ArrayList<>();
        for (int i = 0; i < inFlight; i++) {
            open.add(pool.pick());
        }
        ticker.advance(latency);
        open.remove(0).complete(outcome);
        open.forEach(Attempt::close);
    }

    /** How many attempts the pool takes before it says that it is full. */
    static int room(ServerPool pool) {
        List<Attempt> open = new ArrayList<>();
        try {
            while (open.size() < 100_000) {
                open.add(pool.pick());
            }
        } catch (NoServerAvailableException e) {
            if (!e.full()) {
                throw e;
            }
        }
        open.forEach(Attempt::close);
        return open.size();
    }
}
