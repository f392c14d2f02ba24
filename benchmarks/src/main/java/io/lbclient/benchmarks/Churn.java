package io.lbclient.benchmarks;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.discovery.GuardRails;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * Changes the list of a large pool a thousand times a second, one server going and one with an id that was never there
 * before coming each time, while another thread picks. Prints how long an update took, in real time and in the updating
 * thread's processor time, which means something on a machine that does other work too; and what is on the heap after a
 * full collection.
 *
 * <p>Arguments: seconds (60), servers (10 000), updates a second (1 000), and {@code guarded} if the lists are to come from
 * a discovery with the standard guard rails around it rather than from calls of the pool. It ends with 1 if something grows, if a pick
 * failed, or if a pick went to a server that had left before it began; not for being slow.
 *
 * <p><b>What counts as growth.</b> The states of servers are counted, and the heap is measured, after a full collection.
 * A state more than the pool has servers is allowed for the pick that is being made at this moment. The heap may be
 * {@value #TOLERATED_KIB} KiB more than at the first look after the beginning, when all classes were loaded: what the
 * virtual machine itself allocates (compiled code's data, the histogram's own text) moves by some tens of KiB, and a leak
 * of one server's state in every update would be more than 2 000 KiB in ten seconds.
 */
public final class Churn {
    private static final int LOOK_EVERY_SECONDS = 10;
    private static final int TOLERATED_KIB = 512;
    private static final int STATES_IN_USE_BY_A_PICK = 1;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Consumer<List<Server>> target;
    private final Deque<Server> present;
    private final Traffic traffic;
    private long updates;
    private long firstHeapKib;
    private boolean grew;

    private Churn(ServerPool pool, Consumer<List<Server>> target, int servers) {
        this.target = target;
        this.present = new ArrayDeque<>(PoolBenchmark.list(servers));
        target.accept(List.copyOf(present));
        this.traffic = new Traffic(pool);
    }

    /**
     * Runs.
     *
     * @param args seconds, servers, updates a second, and maybe {@code guarded}
     * @throws Exception if the virtual machine does not tell what is on its heap
     */
    public static void main(String[] args) throws Exception {
        int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 60;
        int servers = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
        int perSecond = args.length > 2 ? Integer.parseInt(args[2]) : 1_000;
        boolean guarded = args.length > 3 && args[3].equals("guarded");
        Pushed source = new Pushed();
        ServerPoolBuilder settings = ServerPool.builder("fleet").startUpWait(Duration.ZERO);
        if (guarded) {
            settings.discovery(GuardRails.standard().around(source));
        }
        try (ServerPool pool = settings.build()) {
            Consumer<List<Server>> target = guarded ? source::push : pool::update;
            if (!new Churn(pool, target, servers).run(seconds, perSecond)) {
                System.exit(1);
            }
        }
    }

    /** A source that says what it is told to, on the thread that tells it: all that the guard rails do is measured. */
    private static final class Pushed implements ServerDiscovery {
        private volatile @Nullable Sink sink;

        @Override
        public Subscription subscribe(Sink to) {
            sink = to;
            return () -> {};
        }

        void push(List<Server> servers) {
            Objects.requireNonNull(sink, "nobody has subscribed").update(servers);
        }
    }

    private boolean run(int seconds, int perSecond) throws Exception {
        System.out.printf("%d servers, %d updates a second wanted, for %d s%n", present.size(), perSecond, seconds);
        System.out.printf(
                "%6s %8s %10s %24s %24s %10s %8s%n",
                "second",
                "updates",
                "a second",
                "ms real, p50/p99/worst",
                "ms CPU, p50/p99/mean",
                "heap, KiB",
                "states");
        traffic.start();
        look("0", "", "", "");
        for (int second = LOOK_EVERY_SECONDS; second <= seconds; second += LOOK_EVERY_SECONDS) {
            update(second, perSecond);
        }
        traffic.end();
        System.out.printf(
                "%d picks meanwhile, us p50 %.1f, p99 %.1f; %d failed, %d to servers that had left%n",
                traffic.picks, traffic.percentile(0.5), traffic.percentile(0.99), traffic.failed, traffic.astray);
        boolean good = !grew && traffic.failed == 0 && traffic.astray == 0;
        System.out.println(good ? "nothing grows, and picks are unaffected" : "BROKEN: see above");
        return good;
    }

    private void update(int second, int perSecond) throws Exception {
        int wanted = perSecond * LOOK_EVERY_SECONDS;
        long[] real = new long[wanted];
        long[] processor = new long[wanted];
        long start = System.nanoTime();
        for (int i = 0; i < wanted; i++) {
            waitUntil(start + i * (1_000_000_000L / perSecond));
            present.removeFirst();
            present.addLast(Server.of("10.0.0.1", 8080).withId("server-" + ++updates));
            List<Server> list = new ArrayList<>(present);
            long begun = System.nanoTime();
            long used = THREADS.getCurrentThreadCpuTime();
            target.accept(list);
            processor[i] = THREADS.getCurrentThreadCpuTime() - used;
            real[i] = System.nanoTime() - begun;
            traffic.inForce = updates;
        }
        double took = (System.nanoTime() - start) / 1e9;
        double mean = Arrays.stream(processor).average().orElse(0) / 1e6;
        look(
                Integer.toString(second),
                String.format(Locale.ROOT, "%.0f", wanted / took),
                percentiles(real) + String.format(Locale.ROOT, "%.2f", real[wanted - 1] / 1e6),
                percentiles(processor) + String.format(Locale.ROOT, "%.2f", mean));
    }

    /** Sorts on the way. */
    private static String percentiles(long[] nanos) {
        Arrays.sort(nanos);
        return String.format(
                Locale.ROOT, "%.2f / %.2f / ", nanos[nanos.length / 2] / 1e6, nanos[(int) (nanos.length * 0.99)] / 1e6);
    }

    private static void waitUntil(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** The histogram counts live objects only, which takes a full collection first. */
    private void look(String second, String rate, String real, String processor) throws Exception {
        String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {null},
                        new String[] {String[].class.getName()});
        long states = 0;
        long kib = 0;
        for (String line : histogram.lines().toList()) {
            String[] columns = line.trim().split("\\s+");
            if (columns.length >= 4 && columns[3].equals("io.lbclient.ServerState")) {
                states = Long.parseLong(columns[1]);
            } else if (columns[0].equals("Total")) {
                kib = Long.parseLong(columns[2]) / 1024;
            }
        }
        System.out.printf("%6s %8d %10s %24s %24s %10d %8d%n", second, updates, rate, real, processor, kib, states);
        if (states > present.size() + STATES_IN_USE_BY_A_PICK) {
            System.out.println("there are states of servers that left");
            grew = true;
        }
        if (updates > 0 && firstHeapKib == 0) {
            firstHeapKib = kib;
        } else if (updates > 0 && kib > firstHeapKib + TOLERATED_KIB) {
            System.out.printf("the heap grew from %d KiB to %d%n", firstHeapKib, kib);
            grew = true;
        }
    }

    /** One thread that picks and completes, ten thousand times a second or so. */
    private static final class Traffic extends Thread {
        private static final int KEPT = 1 << 20;

        private final ServerPool pool;
        private final long[] nanos = new long[KEPT];
        private volatile boolean over;
        /** The number of the last update that is in force: the server with that number is the newest. */
        private volatile long inForce;

        private long picks;
        private long failed;
        private long astray;

        Traffic(ServerPool pool) {
            super("traffic");
            this.pool = pool;
            setDaemon(true);
        }

        @Override
        public void run() {
            int servers = pool.snapshot().servers().size();
            while (!over) {
                long updated = inForce;
                long begun = System.nanoTime();
                try (Attempt attempt = pool.pick()) {
                    attempt.complete(Outcome.SUCCESS);
                    nanos[(int) (picks % KEPT)] = System.nanoTime() - begun;
                    astray += hadLeft(attempt.server(), updated, servers) ? 1 : 0;
                } catch (RuntimeException e) {
                    failed++;
                }
                picks++;
                LockSupport.parkNanos(50_000);
            }
        }

        /** The first servers of all have no number; they leave first. */
        private static boolean hadLeft(Server server, long updated, int servers) {
            boolean numbered = server.id().startsWith("server-");
            long number = numbered ? Long.parseLong(server.id().substring("server-".length())) : 0;
            return number <= updated - servers;
        }

        double percentile(double part) {
            long[] sorted = Arrays.copyOf(nanos, (int) Math.min(picks, KEPT));
            Arrays.sort(sorted);
            return sorted.length == 0 ? 0 : sorted[(int) (sorted.length * part)] / 1e3;
        }

        void end() throws InterruptedException {
            over = true;
            join(TimeUnit.SECONDS.toMillis(10));
        }
    }
}
