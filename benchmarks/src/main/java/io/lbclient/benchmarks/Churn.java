package io.lbclient.benchmarks;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.management.ObjectName;

/**
 * Changes the list of a large pool a thousand times a second, each time with an id that was never there before, while
 * another thread picks, and looks at what is left on the heap after a full collection. What an update costs is the updating
 * thread's processor time, so it means something on a machine that does other work too.
 *
 * <p>Arguments: seconds (60), servers (10 000), updates a second (1 000). It prints the heap in use after collection and the
 * number of live objects of the library's state class, and ends with 1 if those are more than the servers.
 */
public final class Churn {
    private static final int LOOK_EVERY_SECONDS = 10;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Churn() {}

    /**
     * Runs.
     *
     * @param args seconds, servers, updates a second
     * @throws Exception if the virtual machine does not tell what is on its heap
     */
    public static void main(String[] args) throws Exception {
        int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 60;
        int servers = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
        int perSecond = args.length > 2 ? Integer.parseInt(args[2]) : 1_000;
        try (ServerPool pool = ServerPool.builder("fleet").build()) {
            Deque<Server> present = new ArrayDeque<>(FlipLatency.list(servers));
            pool.update(List.copyOf(present));
            Traffic traffic = new Traffic(pool);
            traffic.start();
            System.out.printf(
                    "%8s %10s %14s %14s %12s%n", "second", "updates", "heap, KiB", "server states", "CPU ms each");
            look(0, 0, 0);
            long updates = 0;
            boolean grew = false;
            for (int second = LOOK_EVERY_SECONDS; second <= seconds; second += LOOK_EVERY_SECONDS) {
                long busy = 0;
                long start = System.nanoTime();
                int wanted = perSecond * LOOK_EVERY_SECONDS;
                for (int i = 0; i < wanted; i++) {
                    waitUntil(start + i * (1_000_000_000L / perSecond));
                    long begun = THREADS.getCurrentThreadCpuTime();
                    present.removeFirst();
                    present.addLast(Server.of("10.0.0.1", 8080).withId("server-" + ++updates));
                    pool.update(new ArrayList<>(present));
                    busy += THREADS.getCurrentThreadCpuTime() - begun;
                }
                double took = (System.nanoTime() - start) / 1e9;
                System.out.printf("%67s%n", String.format("%.0f updates/s", wanted / took));
                grew |= look(second, updates, busy / wanted) > servers;
            }
            traffic.end();
            System.out.printf("%d picks meanwhile%n", traffic.picks);
            if (grew) {
                System.out.println("there are states of servers that left");
                System.exit(1);
            }
        }
    }

    private static void waitUntil(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** The histogram counts live objects only, which takes a full collection first. */
    private static long look(int second, long updates, long nanosPerUpdate) throws Exception {
        String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {null},
                        new String[] {String[].class.getName()});
        long states = 0;
        long bytes = 0;
        for (String line : histogram.lines().toList()) {
            String[] columns = line.trim().split("\\s+");
            if (columns.length >= 4 && columns[3].equals("io.lbclient.ServerState")) {
                states = Long.parseLong(columns[1]);
            } else if (columns[0].equals("Total")) {
                bytes = Long.parseLong(columns[2]);
            }
        }
        System.out.printf("%8d %10d %14d %14d %12.2f%n", second, updates, bytes / 1024, states, nanosPerUpdate / 1e6);
        return states;
    }

    /** One thread that picks and completes, ten thousand times a second or so. */
    private static final class Traffic extends Thread {
        private final ServerPool pool;
        private volatile boolean over;
        private long picks;

        Traffic(ServerPool pool) {
            super("traffic");
            this.pool = pool;
            setDaemon(true);
        }

        @Override
        public void run() {
            while (!over) {
                try (Attempt attempt = pool.pick()) {
                    attempt.complete(Outcome.SUCCESS);
                }
                picks++;
                LockSupport.parkNanos(50_000);
            }
        }

        void end() throws InterruptedException {
            over = true;
            join(TimeUnit.SECONDS.toMillis(10));
        }
    }
}
