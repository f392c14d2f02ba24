package io.lbclient.jgroups;

import io.lbclient.Ticker;
import io.lbclient.session.InMemoryStore;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jgroups.JChannel;

/**
 * Collects the settings of a {@link ReplicatedStore}; not safe for use by several threads. Each method returns this
 * builder.
 */
public final class ReplicatedStoreBuilder {
    private static final Duration LONGEST = Duration.ofDays(3653);

    final JChannel channel;
    final String cluster;
    Duration lifetime = InMemoryStore.DEFAULT_LIFETIME;
    Duration stateTimeout = Duration.ofSeconds(30);
    int capacity = InMemoryStore.DEFAULT_CAPACITY;
    Ticker ticker = Ticker.system();

    ReplicatedStoreBuilder(JChannel channel, String cluster) {
        if (cluster.isEmpty()) {
            throw new IllegalArgumentException("cluster: \"\" (expected: a name)");
        }
        this.channel = channel;
        this.cluster = cluster;
    }

    private static Duration within(String name, Duration value) {
        if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: PT0.001S to " + LONGEST + ")");
        }
        return value;
    }

    /** One daemon thread tells the others; it ends with the store. */
    ExecutorService executor() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(null, task, "lbclient-replication-" + cluster, 0, false);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Sets how long a binding is kept without use, the same in all instances. Default: 30 minutes.
     *
     * @param time a millisecond to ten years
     * @return this builder
     * @throws IllegalArgumentException if it is something else
     */
    public ReplicatedStoreBuilder lifetime(Duration time) {
        lifetime = within("lifetime", time);
        return this;
    }

    /**
     * Sets how many bindings are kept, the same in all instances. Default: 100 000.
     *
     * @param bindings 1 to 100 000 000
     * @return this builder
     * @throws IllegalArgumentException if it is something else
     */
    public ReplicatedStoreBuilder capacity(int bindings) {
        if (bindings < 1 || bindings > 100_000_000) {
            throw new IllegalArgumentException("capacity: " + bindings + " (expected: 1 to 100000000)");
        }
        capacity = bindings;
        return this;
    }

    /**
     * Sets how long joining waits for the bindings of the others. Default: 30 s.
     *
     * @param time a millisecond to ten years
     * @return this builder
     * @throws IllegalArgumentException if it is something else
     */
    public ReplicatedStoreBuilder stateTimeout(Duration time) {
        stateTimeout = within("stateTimeout", time);
        return this;
    }

    /**
     * Sets the clock of the memory. Default: the system's. For tests.
     *
     * @param clock the clock
     * @return this builder
     */
    public ReplicatedStoreBuilder ticker(Ticker clock) {
        ticker = clock;
        return this;
    }

    /**
     * Joins the cluster and takes over what the others remember.
     *
     * @return the store, which has all bindings; close it when it is no longer needed
     * @throws Exception if the channel cannot connect, or the bindings did not come in time; the channel is closed then
     */
    public ReplicatedStore join() throws Exception {
        return ReplicatedStore.join(this);
    }
}
