package io.lbclient;

import io.lbclient.internal.Checks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a pool's discovery pushes to: the pool, for as long as it is open. */
final class DiscoverySink implements ServerDiscovery.Sink {
    private static final Logger LOG = LoggerFactory.getLogger(ServerPool.class);

    private final PoolState state;
    private final CountDownLatch firstServers = new CountDownLatch(1);

    // Read before the source is subscribed to: servers that it brings are members before they can be picked.
    private final boolean hasServers;
    private volatile long toldAt;

    DiscoverySink(PoolState state) {
        this.state = state;
        this.hasServers = !state.roster().members().isEmpty();
        this.toldAt = state.ticker().read();
    }

    @Override
    public void update(List<Server> servers) {
        List<Server> copy = List.copyOf(servers);
        // To a closed pool nothing happens: a source that pushes once more while the pool closes did nothing wrong.
        state.change(before -> copy);
        unchanged();
        if (!copy.isEmpty()) {
            firstServers.countDown();
        }
    }

    /** An empty list that is meant is worth no waiting either. */
    @Override
    public void authoritative(List<Server> servers) {
        update(servers);
        firstServers.countDown();
    }

    @Override
    public void unchanged() {
        toldAt = ticker().read();
    }

    /** As the source counts it, or else since it last told. */
    Duration age(ServerDiscovery.Subscription subscription) {
        Duration age = null;
        try {
            age = subscription.age();
        } catch (RuntimeException e) {
            state.news().failed("the age of the list", e);
        }
        return age == null ? Duration.ofNanos(ticker().read() - toldAt) : age;
    }

    @Override
    public void failed(Throwable cause) {
        state.news().failed("the discovery, so the last list stays", cause);
    }

    @Override
    public void refused(String entry, String reason) {
        LOG.warn("{}: the discovery left out {}: {}", state.name(), Checks.printable(entry), reason);
    }

    /** Waits for the first servers, unless the pool has some. Who is interrupted gets the pool as it is. */
    void await(Duration atMost) {
        if (atMost.isZero() || hasServers) {
            return;
        }
        try {
            if (!firstServers.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.warn("{}: no servers found within {}; the pool starts empty", state.name(), atMost);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String pool() {
        return state.name();
    }

    @Override
    public Ticker ticker() {
        return state.ticker();
    }

    @Override
    public RandomGenerator random() {
        return state.random();
    }

    @Override
    public ScheduledExecutorService scheduler() {
        return state.scheduler();
    }
}
