package io.lbclient.redis;

import io.lbclient.Ticker;
import io.lbclient.session.InMemoryStore;
import io.lettuce.core.RedisURI;
import java.time.Duration;

/** Collects the settings of a {@link RedisStore}; not safe for use by several threads. Each method returns this builder. */
public final class RedisStoreBuilder {
    private static final Duration LONGEST = Duration.ofDays(3653);

    final RedisURI uri;
    Duration lifetime = InMemoryStore.DEFAULT_LIFETIME;
    Duration freshFor = Duration.ofSeconds(1);
    Duration patience = Duration.ofMillis(5);
    Duration timeout = Duration.ofMillis(100);
    Duration retryAfter = Duration.ofSeconds(1);
    int capacity = InMemoryStore.DEFAULT_CAPACITY;
    String prefix = "lbclient:";
    Ticker ticker = Ticker.system();

    RedisStoreBuilder(String uri) {
        try {
            this.uri = RedisURI.create(uri);
        } catch (IllegalArgumentException e) {
            // Without the text, which may hold a password.
            throw new IllegalArgumentException("uri: malformed (expected: such as redis://host:6379)", e);
        }
    }

    private static Duration within(String name, Duration value, Duration least) {
        if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " to " + LONGEST + ")");
        }
        return value;
    }

    /**
     * Sets how long a binding is kept without use. Default: 30 minutes.
     *
     * @param time a millisecond to ten years
     * @return this builder
     * @throws IllegalArgumentException if it is something else
     */
    public RedisStoreBuilder lifetime(Duration time) {
        lifetime = within("lifetime", time, Duration.ofMillis(1));
        return this;
    }

    /**
     * Sets how long a binding that was seen is taken from memory without asking Redis. Default: 1 s, within which another
     * instance may have bound the session elsewhere.
     *
     * @param time zero to ten years
     * @return this builder
     * @throws IllegalArgumentException if it is something else
     */
    public RedisStoreBuilder freshFor(Duration time) {
        freshFor = within("freshFor", time, Duration.ZERO);
        return this;
    }

    /**
     * Sets how long Redis is waited for when memory has an answer too. Default: 5 ms; at most what the affinity waits for a
     * look-up makes sense.
     *
     * @param time zero to ten years
     * @return this builder
     * @throws IllegalArgumentException if it is something else
     */
    public RedisStoreBuilder patience(Duration time) {
        patience = within("patience", time, Duration.ZERO);
        return this;
    }

    /**
     * Sets after which time a command counts as failed. Default: 100 ms. Three failures in a row open the circuit breaker.
     *
     * @param time a millisecond to ten years
     * @return this builder
     * @throws IllegalArgumentException if it is something else
     */
    public RedisStoreBuilder timeout(Duration time) {
        timeout = within("timeout", time, Duration.ofMillis(1));
        return this;
    }

    /**
     * Sets how long the open circuit breaker asks nothing before it tries one command. Default: 1 s. A lost connection is
     * tried again as often.
     *
     * @param time a millisecond to ten years
     * @return this builder
     * @throws IllegalArgumentException if it is something else
     */
    public RedisStoreBuilder retryAfter(Duration time) {
        retryAfter = within("retryAfter", time, Duration.ofMillis(1));
        return this;
    }

    /**
     * Sets how many bindings are kept in memory. Default: 100 000.
     *
     * @param bindings 1 to 100 000 000
     * @return this builder
     * @throws IllegalArgumentException if it is something else
     */
    public RedisStoreBuilder capacity(int bindings) {
        if (bindings < 1 || bindings > 100_000_000) {
            throw new IllegalArgumentException("capacity: " + bindings + " (expected: 1 to 100000000)");
        }
        capacity = bindings;
        return this;
    }

    /**
     * Sets what the keys in Redis begin with. Default: {@code lbclient:}.
     *
     * @param text up to 256 characters
     * @return this builder
     * @throws IllegalArgumentException if it is longer
     */
    public RedisStoreBuilder prefix(String text) {
        if (text.length() > 256) {
            throw new IllegalArgumentException("prefix: " + text.length() + " characters (expected: at most 256)");
        }
        prefix = text;
        return this;
    }

    /**
     * Sets the clock of the memory. Default: the system's. For tests.
     *
     * @param clock the clock
     * @return this builder
     */
    public RedisStoreBuilder ticker(Ticker clock) {
        ticker = clock;
        return this;
    }

    /**
     * Builds the store, which begins to connect and does not wait for that.
     *
     * @return the store; close it when it is no longer needed
     */
    public RedisStore build() {
        return new RedisStore(this);
    }
}
