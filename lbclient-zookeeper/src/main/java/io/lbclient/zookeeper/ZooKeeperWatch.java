package io.lbclient.zookeeper;

import io.lbclient.ServerDiscovery;
import java.io.IOException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.x.discovery.ServiceCache;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.details.ServiceCacheListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pool's watch over one service. Curator's cache keeps what it knows while the connection is gone, and reads again when
 * it is back.
 */
final class ZooKeeperWatch implements ServerDiscovery.Subscription, ServiceCacheListener {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperDiscovery.class);
    private static final long LOAD_SECONDS = 10;
    /** How often the list is confirmed while the connection stands, for then the cache would have heard of a change. */
    private static final long CONFIRM_SECONDS = 5;

    private final ZooKeeperSource source;
    private final ServerDiscovery.Sink sink;
    private final ServiceDiscovery<Payload> discovery;
    private final ServiceCache<Payload> cache;
    private final AtomicInteger changes = new AtomicInteger();
    private volatile boolean loaded;
    private volatile boolean steady;
    private volatile boolean closed;
    private volatile @Nullable Future<?> confirmations;

    ZooKeeperWatch(ZooKeeperSource source, ServerDiscovery.Sink sink) {
        this.source = source;
        this.sink = sink;
        this.discovery = ServiceDiscoveryBuilder.builder(Payload.class)
                .client(source.client())
                .basePath(source.basePath())
                .serializer(new PlainJson())
                .build();
        this.cache = discovery.serviceCacheBuilder().name(source.service()).build();
    }

    /** Blocks until ZooKeeper answers. */
    void load() {
        try {
            cache.addListener(this);
            boolean all = cache.startImmediate().await(LOAD_SECONDS, TimeUnit.SECONDS);
            if (!all) {
                throw new IOException(source + " was not read within " + LOAD_SECONDS + " s");
            }
            // Until here the cache has told of each instance as it came, and a list that grows is none.
            loaded = true;
            steady = true;
            cacheChanged();
            confirmations = sink.scheduler()
                    .scheduleWithFixedDelay(this::confirm, CONFIRM_SECONDS, CONFIRM_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: the scheduler is shut down", sink.pool(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            sink.ended(e);
        } catch (Exception e) {
            sink.ended(e);
        }
        if (closed) {
            end();
        }
    }

    private void confirm() {
        boolean connected = source.client().getZookeeperClient().isConnected();
        if (steady && connected && !closed) {
            sink.unchanged();
        }
        steady = connected;
    }

    /** Whoever comes while another thread pushes leaves it to that one, so that no older list comes last. */
    @Override
    public void cacheChanged() {
        if (!loaded || changes.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            if (!closed) {
                sink.update(source.instances().servers(cache.getInstances(), sink::refused));
            }
            seen = changes.addAndGet(-seen);
        } while (seen != 0);
    }

    @Override
    public void stateChanged(CuratorFramework client, ConnectionState state) {
        if (!state.isConnected()) {
            steady = false;
            if (loaded && !closed) {
                sink.failed(new IOException("the connection to ZooKeeper is " + state));
            }
        }
    }

    /** Closing talks to ZooKeeper, and may be asked for by a thread that must not wait. */
    @Override
    public void close() {
        closed = true;
        StartThreads.SHARED.execute(this::end);
    }

    private void end() {
        Future<?> confirming = confirmations;
        if (confirming != null) {
            confirming.cancel(false);
        }
        cache.removeListener(this);
        try {
            cache.close();
            discovery.close();
        } catch (IOException | RuntimeException e) {
            LOG.debug("{}: ending the watch over {}", sink.pool(), source, e);
        }
    }
}
