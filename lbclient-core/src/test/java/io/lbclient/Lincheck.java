package io.lbclient;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jspecify.annotations.Nullable;

/** How the tests of interleavings are run, and what they run on. */
final class Lincheck {
    private Lincheck() {}

    /** Goes through interleavings of random calls; all that a pool's own code does between two reads is one of them. */
    static void check(Class<?> test) {
        new ModelCheckingOptions()
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(1)
                .iterations(Integer.getInteger("lincheck.iterations", 5))
                .invocationsPerIteration(Integer.getInteger("lincheck.invocations", 100))
                // The JDK's own collections are not what is on trial.
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(
                                "java.util.concurrent.ConcurrentLinkedQueue",
                                "java.util.EnumMap",
                                "java.util.ArrayDeque",
                                "java.util.ArrayList")
                        .allMethods()
                        .treatAsAtomic())
                .check(test);
    }

    /** A server of a pool of its own, outside the pool's list. */
    static ServerState server() {
        return new ServerState(
                new PoolState(ServerPool.builder("lincheck").ticker(() -> 0).scheduler(new Never())),
                Server.of("h", 1));
    }

    /** A pool without servers, of which every rebuild that is asked for is noted, and none is done. */
    static PoolState poolAsking(Runnable note) {
        return new PoolState(ServerPool.builder("lincheck").ticker(() -> 0).scheduler(new Never(note)));
    }

    /** An attempt in flight to a server. */
    static Attempt attempt(ServerState server) {
        PoolState pool =
                new PoolState(ServerPool.builder("lincheck").ticker(() -> 0).scheduler(new Never()));
        PoolView view = new PoolView(pool, "lincheck", any -> true, any -> true);
        Attempt attempt = new Attempt(view, RequestView.EMPTY, null, 0);
        attempt.begin(server, false);
        return attempt;
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
            return ((ServerState) candidate).raise(cause, detail, null);
        }

        @Override
        public boolean raise(Candidate candidate, HealthCause cause, String detail, Duration atLeast) {
            return raise(candidate, cause, detail);
        }

        @Override
        public boolean prolong(Candidate candidate, HealthCause cause, String detail, Duration atLeast) {
            return true;
        }

        @Override
        public boolean overrule(Candidate candidate, HealthCause cause, String detail) {
            return ((ServerState) candidate).change(before -> before.overruled(cause, detail));
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
        public boolean offerTrial(Candidate candidate) {
            return ((ServerState) candidate).offerTrial();
        }

        @Override
        public void limitShare(Candidate candidate, @Nullable ShareLimit limit) {}

        @Override
        public void limitInFlight(Candidate candidate, int limit) {}
    }
}
