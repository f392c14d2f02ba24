package io.lbclient;

import io.lbclient.internal.Checks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A pool as one of its monitors sees it, and the owner of what that monitor raises. Each monitor of a pool has another.
 */
final class MonitorAccess implements MonitoredPool {
    private final PoolState pool;

    MonitorAccess(PoolState pool) {
        this.pool = pool;
    }

    @Override
    public String name() {
        return pool.name();
    }

    @Override
    public Ticker ticker() {
        return pool.ticker();
    }

    @Override
    public RandomGenerator random() {
        return pool.random();
    }

    @Override
    public ScheduledExecutorService scheduler() {
        return pool.scheduler();
    }

    @Override
    public List<? extends Candidate> candidates() {
        return pool.roster().members();
    }

    @Override
    public boolean raise(Candidate server, HealthCause cause, String detail) {
        return raise(server, cause, new Raise(this, detail, null));
    }

    @Override
    public boolean raise(Candidate server, HealthCause cause, String detail, Duration atLeast) {
        return raise(server, cause, new Raise(this, detail, end(atLeast)));
    }

    private boolean raise(Candidate server, HealthCause cause, Raise raise) {
        return pool.judge(server, before -> before.raised(cause, raise));
    }

    @Override
    public boolean prolong(Candidate server, HealthCause cause, String detail, Duration atLeast) {
        Raise raise = new Raise(this, detail, end(atLeast));
        return pool.judge(server, before -> before.prolonged(cause, raise));
    }

    private long end(Duration atLeast) {
        return pool.ticker().read() + Checks.positive("atLeast", atLeast).toNanos();
    }

    @Override
    public boolean clear(Candidate server, HealthCause cause, String detail) {
        return pool.judge(server, before -> before.cleared(cause, this, detail));
    }

    @Override
    public boolean overrule(Candidate server, HealthCause cause, String detail) {
        return pool.judge(server, before -> before.overruled(cause, detail));
    }

    @Override
    public boolean raised(Candidate server, HealthCause cause) {
        return ((ServerState) server).health().has(cause);
    }

    @Override
    public boolean offerTrial(Candidate server) {
        return pool.offerTrial((ServerState) server);
    }

    @Override
    public void limitShare(Candidate server, @Nullable ShareLimit limit) {
        ((ServerState) server).limitShare(limit);
    }

    @Override
    public void limitInFlight(Candidate server, int limit) {
        if (((ServerState) server).limitInFlight(Checks.atLeast("limit", limit, 1))) {
            pool.madeRoom();
        }
    }
}
