package io.lbclient;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A source of servers: pushes the whole list whenever it changes.
 *
 * <p>A pool subscribes when it is built and closes the subscription when it is closed. A source never blocks a pick:
 * it works on threads of its own, and while it is silent or fails, the pool goes on with the last list. A source is
 * settings only, so that one object can serve many pools; what it knows for one pool lives in its {@link Subscription}.
 *
 * <p>The pool believes whatever is pushed. {@code io.lbclient.discovery.GuardRails} stand between a source and a pool and
 * doubt what looks like a fault of the source.
 *
 * <p><b>How registries' facts are told.</b> A server that is not ready is not in the list. One that is terminating, and
 * should get nothing new while others can take it, has weight 0. Priorities are tiers, localities are zones, and other
 * facts are tags.
 */
@FunctionalInterface
public interface ServerDiscovery {
    /**
     * Subscribes to the list; returns without waiting for it.
     *
     * @param sink what is pushed to, from any thread, also during this call
     * @return the subscription
     */
    Subscription subscribe(Sink sink);

    /** What one pool has of a source. Safe for use by many threads. */
    @FunctionalInterface
    interface Subscription extends AutoCloseable {
        /**
         * Asks the source to look again soon, because servers it named do not answer. A hint: a source that is told of
         * changes has no use for it, and one that asks bounds how often it does.
         */
        default void refresh() {}

        /**
         * Returns how old the list is: the time since the source last said, or confirmed, what is in force; if it has not yet,
         * since the beginning. It is part of {@link PoolSnapshot}, as the sign that a source is dead or doubted.
         *
         * @return the age; null, the default, if the pool is to count from the last list, or word that it stands, that it was
         *     told
         */
        default @Nullable Duration age() {
            return null;
        }

        /** Ends the subscription and everything that it started; what is pushed from now on is ignored. */
        @Override
        void close();
    }

    /** Takes what a discovery finds, and lends it what it works with. Safe for use by many threads. */
    interface Sink {
        /**
         * Takes the whole list; servers that are not in it leave.
         *
         * @param servers the servers
         * @throws IllegalArgumentException if two of them have one id and different settings; the list before stays.
         *     Guard rails drop the second one instead
         */
        void update(List<Server> servers);

        /**
         * Takes a list that is not to be doubted, since the source says expressly that it is all there is: a person
         * wrote it down, or the protocol has a word for "no such service". An empty answer alone is no such word.
         *
         * @param servers the servers, maybe none
         * @throws IllegalArgumentException as for {@link #update}
         */
        default void authoritative(List<Server> servers) {
            update(servers);
        }

        /** Takes note that the source looked again and that the last list it pushed still stands. */
        default void unchanged() {}

        /**
         * Takes note that the source failed and goes on by itself; the list before stays.
         *
         * @param cause what went wrong
         */
        void failed(Throwable cause);

        /**
         * Takes note that the source failed and will push nothing more in this subscription. Guard rails subscribe
         * again; the list before stays.
         *
         * @param cause what went wrong
         */
        default void ended(Throwable cause) {
            failed(cause);
        }

        /**
         * Takes note of an entry that could not be made a server and is not in the list.
         *
         * @param entry the entry as the source has it; it need not be printable
         * @param reason what is wrong with it
         */
        void refused(String entry, String reason);

        /**
         * Returns the pool's name, for logs.
         *
         * @return the name
         */
        String pool();

        /**
         * Returns the pool's clock.
         *
         * @return the ticker with which the pool measures time
         */
        Ticker ticker();

        /**
         * Returns the pool's source of randomness.
         *
         * @return a generator that many threads may use at once
         */
        RandomGenerator random();

        /**
         * Returns the pool's scheduler. A task on it must be short, and must neither block nor throw.
         *
         * @return the scheduler
         */
        ScheduledExecutorService scheduler();
    }
}
