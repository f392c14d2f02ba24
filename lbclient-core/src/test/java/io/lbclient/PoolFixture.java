package io.lbclient;

import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** A pool on a clock that stands still, with its background work and its news under the test's hand. */
final class PoolFixture {
    /** Always the first candidate, so that a test knows who is picked. */
    static final Balancer FIRST = (candidates, previous) -> context -> candidates.get(0);

    /** Any candidate, whatever its weight. */
    static final Balancer ANY =
            (candidates, previous) -> context -> candidates.get(context.random().nextInt(candidates.size()));

    final FakeTicker ticker = new FakeTicker();
    final ManualScheduler scheduler = new ManualScheduler(ticker);
    final List<String> news = new ArrayList<>();

    ServerPoolBuilder builder() {
        return ServerPool.builder("orders")
                .ticker(ticker)
                .scheduler(scheduler)
                .seed(7)
                .balancer(FIRST)
                .listener(new Notes(news));
    }

    ServerPool pool(String... ids) {
        return builder().servers(servers(ids)).build();
    }

    static Server server(String id) {
        return Server.of("10.0.0.1", 8080).withId(id);
    }

    static List<Server> servers(String... ids) {
        return Arrays.stream(ids).map(PoolFixture::server).toList();
    }

    static List<Server> servers(int count) {
        return IntStream.range(0, count).mapToObj(i -> server("s" + i)).toList();
    }

    static String id(Attempt attempt) {
        return attempt.server().id();
    }

    static ServerSnapshot of(ServerPool pool, String id) {
        return pool.snapshot().servers().stream()
                .filter(s -> s.server().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** A monitor that does nothing but what it does when a server joins. */
    static HealthMonitor watching(BiFunction<MonitoredPool, Candidate, HealthMonitor.OutcomeObserver> joined) {
        return pool -> new HealthMonitor.Watch() {
            @Override
            public HealthMonitor.OutcomeObserver joined(Candidate server) {
                return joined.apply(pool, server);
            }

            @Override
            public void close() {}
        };
    }

    /** Picks once and completes at once. */
    static String pickOnce(ServerPool pool, Outcome outcome) {
        Attempt attempt = pool.pick();
        attempt.complete(outcome);
        return id(attempt);
    }

    void advance(Duration time) {
        scheduler.advance(time);
    }

    /** Lets what is due reach the picks. */
    void settle() {
        scheduler.runDue();
    }

    /** The same, and says how many tasks there were. */
    int settleCount() {
        return scheduler.runDue();
    }

    /** Writes down what it is told, in few words. */
    private record Notes(List<String> news) implements PoolListener {
        @Override
        public void serverAdded(String pool, Server server) {
            news.add("added " + server.id());
        }

        @Override
        public void serverRemoved(String pool, Server server) {
            news.add("removed " + server.id());
        }

        @Override
        public void serverUpdated(String pool, Server before, Server after) {
            news.add("updated " + after.id());
        }

        @Override
        public void healthChanged(HealthChange change) {
            news.add((change.raised() ? "raised " : "cleared ") + change.cause() + " on "
                    + change.server().id());
        }

        @Override
        public void noneEligible(PoolSnapshot snapshot) {
            news.add("none of " + snapshot.servers().size());
        }
    }
}
