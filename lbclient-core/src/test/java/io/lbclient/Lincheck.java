package io.lbclient;

import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;

/** How the tests of interleavings are run, and what they run on. */
final class Lincheck {
    private static final int THREADS = 3;
    private static final int ACTORS = 2;

    private Lincheck() {}

    /** Checks the class by going through interleavings, and then by running it as fast as it goes. */
    static void check(Class<?> test) {
        new ModelCheckingOptions()
                .threads(THREADS)
                .actorsPerThread(ACTORS)
                .actorsBefore(ACTORS)
                .actorsAfter(1)
                .iterations(20)
                .invocationsPerIteration(300)
                .check(test);
        new StressOptions()
                .threads(THREADS)
                .actorsPerThread(ACTORS)
                .actorsBefore(ACTORS)
                .actorsAfter(1)
                .iterations(10)
                .invocationsPerIteration(1_000)
                .check(test);
    }

    /** A server of a pool of its own, outside the pool's list. */
    static ServerState server() {
        return new ServerState(
                new PoolState(ServerPool.builder("lincheck").ticker(() -> 0).scheduler(new Never())),
                Server.of("h", 1));
    }

    /** An attempt in flight to a server. */
    static Attempt attempt(ServerState server) {
        PoolState pool =
                new PoolState(ServerPool.builder("lincheck").ticker(() -> 0).scheduler(new Never()));
        PoolView view = new PoolView(pool, "lincheck", any -> true);
        return new Attempt(view, RequestView.EMPTY, null, 0).begin(server, false);
    }

    /** A monitored pool of which only what is raised counts. */
    static MonitoredPool pool(ServerState server) {
        return new OneServer(server);
    }

    private record OneServer(ServerState server) implements MonitoredPool {
        @Override
        public String name() {
            return "lincheck";
        }

        @Override
        public Ticker ticker() {
            return () -> 0;
        }

        @Override
        public RandomGenerator random() {
            return () -> 0;
        }

        @Override
        public ScheduledExecutorService scheduler() {
            return new Never();
        }

        @Override
        public List<ServerState> candidates() {
            return List.of(server);
        }

        @Override
        public boolean raise(Candidate candidate, HealthCause cause, String detail) {
            return ((ServerState) candidate).raise(cause, detail);
        }

        @Override
        public boolean clear(Candidate candidate, HealthCause cause, String detail) {
            return ((ServerState) candidate).clear(cause, detail);
        }

        @Override
        public boolean raised(Candidate candidate, HealthCause cause) {
            return ((ServerState) candidate).health().has(cause);
        }

        @Override
        public void offerTrial(Candidate candidate) {
            ((ServerState) candidate).offerTrial();
        }

        @Override
        public void limitShare(Candidate candidate, @Nullable ShareLimit limit) {}
    }
}
