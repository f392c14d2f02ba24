package io.lbclient.health;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthChange;
import io.lbclient.HealthMonitor;
import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.MonitoredPool;
import io.lbclient.Outcome;
import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.ServerSnapshot;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A pool on a clock that stands still, whose picks go where the test aims, as long as that server is picked at all. */
final class Lab {
    static final HealthCheck PASSING =
            (server, executor) -> CompletableFuture.completedFuture(HealthCheck.Result.PASSED);

    final FakeTicker ticker = new FakeTicker();
    final ManualScheduler scheduler = new ManualScheduler(ticker);
    final List<HealthChange> changes = new ArrayList<>();
    private String target = "s0";

    private final Balancer aimed = (candidates, previous) -> context -> {
        for (Candidate candidate : candidates) {
            if (candidate.server().id().equals(target)) {
                return candidate;
            }
        }
        return candidates.get(0);
    };

    ServerPoolBuilder builder(HealthMonitor... monitors) {
        return ServerPool.builder("orders")
                .ticker(ticker)
                .scheduler(scheduler)
                .seed(7)
                .balancer(aimed)
                .healthMonitors(monitors)
                .listener(new PoolListener() {
                    @Override
                    public void healthChanged(HealthChange change) {
                        changes.add(change);
                    }
                });
    }

    ServerPool pool(int servers, HealthMonitor... monitors) {
        return builder(monitors).servers(servers(servers)).build();
    }

    /** As Envoy does it: no trial, and the cap as it stands. */
    static OutlierDetection.Builder envoy() {
        return OutlierDetection.builder()
                .returnByTrial(false)
                .maxEjectionPercent(100)
                .baseEjectionTime(Duration.ofSeconds(10));
    }

    static List<Server> servers(int count) {
        return IntStream.range(0, count).mapToObj(Lab::server).toList();
    }

    static Server server(int number) {
        return Server.of("127.0.0.1", 8080).withId("s" + number);
    }

    Attempt pick(ServerPool pool, int server) {
        target = "s" + server;
        return pool.pick();
    }

    /** One request after the other, all with the same ending; background work in between. */
    void send(ServerPool pool, int server, Outcome outcome, int times) {
        for (int i = 0; i < times; i++) {
            pick(pool, server).complete(outcome);
            scheduler.runDue();
        }
    }

    void advanceSeconds(long seconds) {
        scheduler.advance(Duration.ofSeconds(seconds));
    }

    static ServerSnapshot of(ServerPool pool, int server) {
        return pool.snapshot().servers().stream()
                .filter(s -> s.server().id().equals("s" + server))
                .findFirst()
                .orElseThrow();
    }

    static boolean has(ServerPool pool, int server, HealthCause cause) {
        return of(pool, server).causes().contains(cause);
    }

    static boolean ejected(ServerPool pool, int server) {
        return has(pool, server, HealthCause.OUTLIER);
    }

    static int ejectedCount(ServerPool pool) {
        return (int) pool.snapshot().servers().stream()
                .filter(s -> s.causes().contains(HealthCause.OUTLIER))
                .count();
    }

    String lastDetail() {
        return changes.get(changes.size() - 1).detail();
    }

    /** A monitor that judges nothing by itself, so that a test can. */
    static final class Judge implements HealthMonitor, HealthMonitor.Watch {
        private @Nullable MonitoredPool pool;

        @Override
        public HealthMonitor.Watch start(MonitoredPool watched) {
            pool = watched;
            return this;
        }

        @Override
        public OutcomeObserver joined(Candidate server) {
            return OutcomeObserver.NONE;
        }

        boolean raise(int server, HealthCause cause) {
            return pool().raise(candidate(server), cause, "judged bad");
        }

        boolean clear(int server, HealthCause cause) {
            return pool().clear(candidate(server), cause, "judged good");
        }

        MonitoredPool pool() {
            return Objects.requireNonNull(pool, "not started");
        }

        private Candidate candidate(int server) {
            for (Candidate candidate : pool().candidates()) {
                if (candidate.server().id().equals("s" + server)) {
                    return candidate;
                }
            }
            throw new IllegalArgumentException("no server s" + server);
        }

        @Override
        public void close() {}
    }
}
