package io.lbclient.test.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.balancer.Balancers;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** A pool whose changes a test can wait for, with a thread that picks all the time. */
public final class Watched implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Semaphore changes = new Semaphore(0);
    private final ServerPool pool;
    private final Thread traffic;
    private final AtomicLong picks = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile boolean over;

    /** Builds a pool of a source, which finds its first servers before it returns. */
    public Watched(ServerDiscovery source) {
        pool = ServerPool.builder("orders")
                .balancer(Balancers.roundRobin())
                .healthMonitors()
                .discovery(source)
                .startUpWait(PATIENCE)
                .listener(new PoolListener() {
                    @Override
                    public void serverAdded(String name, Server server) {
                        changes.release();
                    }

                    @Override
                    public void serverRemoved(String name, Server server) {
                        changes.release();
                    }

                    @Override
                    public void serverUpdated(String name, Server before, Server after) {
                        changes.release();
                    }
                })
                .build();
        traffic = new Thread(this::pickOnAndOn, "traffic");
        traffic.setDaemon(true);
        traffic.start();
    }

    private void pickOnAndOn() {
        while (!over) {
            try (Attempt attempt = pool.pick()) {
                attempt.complete(Outcome.SUCCESS);
            } catch (RuntimeException e) {
                failed.incrementAndGet();
            }
            picks.incrementAndGet();
            LockSupport.parkNanos(200_000);
        }
    }

    public ServerPool pool() {
        return pool;
    }

    /** The servers of now, in the order of their ids. */
    public List<Server> servers() {
        return pool.snapshot().servers().stream()
                .map(ServerSnapshot::server)
                .sorted(Comparator.comparing(Server::id))
                .toList();
    }

    public List<String> addresses() {
        return servers().stream()
                .map(server -> server.host() + ":" + server.port())
                .sorted()
                .toList();
    }

    /** Waits until the servers are as they should be, and returns how long that took. */
    public Duration await(Predicate<List<Server>> condition) throws InterruptedException {
        long begun = System.nanoTime();
        while (!condition.test(servers())) {
            long left = PATIENCE.toNanos() - (System.nanoTime() - begun);
            assertThat(changes.tryAcquire(Math.max(0, left), TimeUnit.NANOSECONDS))
                    .as("the servers are %s", servers())
                    .isTrue();
        }
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    /** Picks a thousand times, and for {@code -Dlbclient.outage} seconds; returns how many picks failed so far. */
    public long failedInOutage() {
        long begun = System.nanoTime();
        long lasts = TimeUnit.SECONDS.toNanos(Integer.getInteger("lbclient.outage", 0));
        long failures = failedAfter(1_000);
        while (System.nanoTime() - begun < lasts) {
            failures = failedAfter(100);
        }
        return failures;
    }

    /** Waits for so many further picks, and returns how many picks failed so far. */
    public long failedAfter(long more) {
        long end = picks.get() + more;
        while (picks.get() < end) {
            LockSupport.parkNanos(1_000_000);
        }
        return failed.get();
    }

    public long failed() {
        return failed.get();
    }

    public long picks() {
        return picks.get();
    }

    @Override
    public void close() throws InterruptedException {
        over = true;
        traffic.join(PATIENCE.toMillis());
        pool.close();
    }
}
