package io.lbclient.benchmarks;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.Outcome;
import io.lbclient.PickContext;
import io.lbclient.RequestView;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import io.lbclient.balancer.HashKey;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How long it takes from a health flip of one server among many until a thread that picks all the time picks by it, next
 * to a rebuild that is in force when the call returns. Times are real, so run it on a machine that does nothing else.
 *
 * <p>Arguments: the number of servers (10 000), and the number of flips that are measured (300).
 */
public final class FlipLatency {
    private static final int WARM_UP = 100;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final RequestView REQUEST = new RequestView() {
        @Override
        public String path() {
            return "/api/items";
        }
    };

    private FlipLatency() {}

    /**
     * Measures.
     *
     * @param args number of servers, number of flips
     */
    public static void main(String[] args) {
        int servers = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
        int flips = args.length > 1 ? Integer.parseInt(args[1]) : 300;
        Map<String, Balancer> strategies = new LinkedHashMap<>();
        strategies.put("round robin", Balancers.roundRobin());
        strategies.put("adaptive", Balancers.adaptive());
        strategies.put("ring hash", Balancers.ringHash(HashKey.path()).build());
        strategies.put("maglev", Balancers.maglev(HashKey.path()).build());
        strategies.put("rendezvous", Balancers.rendezvous(HashKey.path()).build());
        System.out.printf(
                "%d servers; ms, median / 99 %% / worst of %d%n%-12s %-24s %-24s %-24s %-24s%n",
                servers, flips, "", "flip to pick", "rebuild (drain)", "its processor time", "of which the strategy's");
        strategies.forEach((name, balancer) -> measure(name, balancer, servers, flips));
    }

    private static void measure(String name, Balancer balancer, int servers, int flips) {
        Witness witness = new Witness(balancer);
        Judge judge = new Judge();
        try (ServerPool pool = ServerPool.builder("fleet")
                .balancer(witness)
                .healthMonitors(judge)
                .servers(PoolBenchmark.list(servers))
                .build()) {
            long[] flip = new long[flips];
            long[] rebuild = new long[flips];
            long[] processor = new long[flips];
            long[] picker = new long[flips];
            for (int i = -WARM_UP; i < flips; i++) {
                Candidate server = judge.pool().candidates().get(Math.floorMod(i * 7919, servers));
                long flipped = flip(pool, judge, witness, server);
                long made = witness.pickerNanos;
                long before = THREADS.getCurrentThreadCpuTime();
                long rebuilt = rebuild(pool, server.server().id());
                // A drain and its end: two rebuilds.
                long used = (THREADS.getCurrentThreadCpuTime() - before) / 2;
                if (i >= 0) {
                    flip[i] = flipped;
                    picker[i] = made;
                    rebuild[i] = rebuilt;
                    processor[i] = used;
                }
            }
            System.out.printf(
                    "%-12s %-24s %-24s %-24s %-24s%n", name, text(flip), text(rebuild), text(processor), text(picker));
        }
    }

    /** From the raising, on this thread, to the first pick, on this thread too, that goes by it. */
    private static long flip(ServerPool pool, Judge judge, Witness witness, Candidate server) {
        pause();
        // A pick first: the rebuilds since the last one have made pickers that this thread has not seen.
        pool.pick(REQUEST).complete(Outcome.SUCCESS);
        long seen = witness.picked;
        long start = System.nanoTime();
        judge.pool().raise(server, HealthCause.ACTIVE_CHECK, "flipped");
        pickUntilChanged(pool, witness, seen);
        long taken = System.nanoTime() - start;
        long again = witness.picked;
        judge.pool().clear(server, HealthCause.ACTIVE_CHECK, "flipped");
        pickUntilChanged(pool, witness, again);
        return taken;
    }

    private static void pickUntilChanged(ServerPool pool, Witness witness, long seen) {
        do {
            Attempt attempt = pool.pick(REQUEST);
            attempt.complete(Outcome.SUCCESS);
        } while (witness.picked == seen);
    }

    private static long rebuild(ServerPool pool, String id) {
        pause();
        long start = System.nanoTime();
        var unused = pool.drain(id);
        long taken = System.nanoTime() - start;
        pool.resume(id);
        return taken;
    }

    /** Lets the rebuild before be logged and its garbage be collected: flips do not come in bursts here. */
    private static void pause() {
        LockSupport.parkNanos(2_000_000);
    }

    private static String text(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%.2f / %.2f / %.2f",
                sorted[sorted.length / 2] / 1e6,
                sorted[(int) (sorted.length * 0.99)] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    /** The strategy, and which of its pickers the last pick went by. */
    private static final class Witness implements Balancer {
        private final Balancer balancer;
        private long made;
        private volatile long pickerNanos;
        /** Used by the picking thread alone. */
        private long picked;

        Witness(Balancer balancer) {
            this.balancer = balancer;
        }

        private final class Watched implements Picker {
            private final Picker picker;
            private final long number;

            Watched(Picker picker, long number) {
                this.picker = picker;
                this.number = number;
            }

            @Override
            public Candidate pick(PickContext context) {
                picked = number;
                return picker.pick(context);
            }
        }

        @Override
        public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
            long start = System.nanoTime();
            Picker before = previous instanceof Watched watched ? watched.picker : null;
            Picker picker = balancer.picker(candidates, before);
            pickerNanos = System.nanoTime() - start;
            return new Watched(picker, ++made);
        }
    }

    /** Judges nothing by itself. */
    private static final class Judge implements HealthMonitor, HealthMonitor.Watch {
        private @Nullable MonitoredPool pool;

        @Override
        public Watch start(MonitoredPool watched) {
            pool = watched;
            return this;
        }

        MonitoredPool pool() {
            return Objects.requireNonNull(pool, "not started");
        }

        @Override
        public OutcomeObserver joined(Candidate server) {
            return OutcomeObserver.NONE;
        }

        @Override
        public void close() {}
    }
}
