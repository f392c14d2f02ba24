package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.balancer.Balancers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Eight threads do with attempts whatever can be done with them while servers come and go: every count ends exact. */
class LedgerStressTest {
    private static final int THREADS = 8;
    private static final int STEPS = 20_000;

    /** Remembers every server that there ever was, those that left included. */
    private static final class Everyone implements HealthMonitor, HealthMonitor.Watch {
        private final Set<Candidate> servers = Collections.newSetFromMap(new ConcurrentHashMap<>());

        @Override
        public Watch start(MonitoredPool pool) {
            return this;
        }

        @Override
        public OutcomeObserver joined(Candidate server) {
            servers.add(server);
            return OutcomeObserver.NONE;
        }

        @Override
        public void close() {}
    }

    static Stream<Balancer> strategies() {
        return Stream.of(Balancer.adaptive(), Balancers.roundRobin(), Balancers.leastRequests());
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void everyInFlightEndsAtZeroAndThePicksAddUp(Balancer strategy) {
        Everyone everyone = new Everyone();
        ServerPool pool = ServerPool.builder("stress")
                .balancer(strategy)
                .healthMonitors(everyone, HealthMonitor.consecutiveFailures(3))
                .servers(PoolFixture.servers(5))
                .build();
        List<Long> attempts = Threads.together(THREADS, thread -> () -> run(pool, new SplittableRandom(thread)));

        assertThat(everyone.servers).hasSizeGreaterThan(100).allMatch(server -> server.inFlight() == 0);
        assertThat(everyone.servers)
                .allMatch(server -> server.outstandingAgeNanos(Ticker.system().read()) == 0);
        assertThat(everyone.servers.stream().mapToLong(Candidate::picks).sum())
                .isEqualTo(attempts.stream().mapToLong(Long::longValue).sum());
        pool.close();
    }

    /** Returns how many attempts it began, all of which it ended. */
    private static long run(ServerPool pool, SplittableRandom random) {
        Outcome[] outcomes = Outcome.values();
        List<Attempt> open = new ArrayList<>(List.of(pool.pick()));
        long attempts = 1;
        for (int i = 0; i < STEPS; i++) {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> attempts += begin(open, pool.pick());
                case 3 ->
                    attempts += open.isEmpty()
                            ? 0
                            : begin(open, open.get(open.size() - 1).another());
                case 4, 5 -> any(open, random).answered();
                case 6, 7, 8, 9 -> any(open, random).complete(outcomes[random.nextInt(outcomes.length)]);
                case 10 -> any(open, random).close();
                default -> change(pool, random);
            }
            if (open.size() > 60) {
                open.forEach(Attempt::close);
                open.clear();
            }
            if (open.isEmpty()) {
                attempts += begin(open, pool.pick());
            }
        }
        open.forEach(Attempt::close);
        return attempts;
    }

    private static long begin(List<Attempt> open, Attempt attempt) {
        open.add(attempt);
        return 1;
    }

    /** Also one that is complete already: ending it again must change nothing. */
    private static Attempt any(List<Attempt> open, SplittableRandom random) {
        return open.get(random.nextInt(open.size()));
    }

    private static void change(ServerPool pool, SplittableRandom random) {
        Server server = PoolFixture.server("s" + random.nextInt(3));
        switch (random.nextInt(8)) {
            // Always with those two, so that there is somebody to pick.
            case 0 -> pool.update(List.of(PoolFixture.server("s4"), server, PoolFixture.server("s3")));
            case 1, 2, 3 -> pool.remove(server.id());
            default -> pool.add(server.withWeight(1 + random.nextInt(3)));
        }
    }
}
