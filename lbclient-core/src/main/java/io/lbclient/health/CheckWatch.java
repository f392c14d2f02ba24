package io.lbclient.health;

import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.HealthMonitor.Watch;
import io.lbclient.MonitoredPool;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.ReentrantLock;

/** One pool's active checks: who is asked when, how many at once, and the threads for those that block. */
final class CheckWatch implements Watch {
    final ActiveChecks settings;
    final MonitoredPool pool;
    final ExecutorService executor;
    private final Map<Candidate, CheckedServer> servers = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Queue<CheckedServer> waiting = new ArrayDeque<>();
    private int running;
    private volatile boolean closed;

    CheckWatch(ActiveChecks settings, MonitoredPool pool) {
        this.settings = settings;
        this.pool = pool;
        this.executor = CheckThreads.of(pool.name());
    }

    @Override
    public OutcomeObserver joined(Candidate server) {
        CheckedServer checked = new CheckedServer(this, server);
        servers.put(server, checked);
        if (settings.waitForFirstPass) {
            pool.raise(server, HealthCause.ACTIVE_CHECK, "it has not passed a check yet");
        }
        checked.planFirst();
        return OutcomeObserver.NONE;
    }

    @Override
    public void left(Candidate server) {
        CheckedServer checked = servers.remove(server);
        if (checked != null) {
            checked.end();
        }
    }

    @Override
    public void close() {
        closed = true;
        servers.values().forEach(CheckedServer::end);
        executor.shutdownNow();
    }

    /** Starts a check, now or as soon as another has ended. */
    void request(CheckedServer server) {
        lock.lock();
        try {
            if (running == settings.maxConcurrent) {
                waiting.add(server);
                return;
            }
            running++;
        } finally {
            lock.unlock();
        }
        server.start();
    }

    /** A check has ended, or was given up: its place goes to the next. */
    void release() {
        CheckedServer next;
        lock.lock();
        try {
            next = waiting.poll();
            if (next == null) {
                running--;
            }
        } finally {
            lock.unlock();
        }
        // On the scheduler, since a chain of checks that end at once would otherwise be a chain of calls.
        if (next != null && !closed) {
            next.startSoon();
        }
    }
}
