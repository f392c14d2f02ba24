package io.lbclient.notify;

import io.lbclient.HealthChange;
import io.lbclient.PoolListener;
import io.lbclient.PoolSnapshot;
import io.lbclient.Server;
import io.lbclient.Ticker;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A listener that posts a message to a webhook when a server goes out or comes back, when a pool is in panic or has no
 * server left, and when standby servers step in or back.
 *
 * <pre>{@code
 * OperatorNotifier operator = OperatorNotifier.builder(URI.create("https://alerts.example.com/hook"))
 *     .header("Authorization", "Bearer " + token)
 *     .build();
 * ServerPool orders = ServerPool.builder("orders").servers(...).listener(operator).build();
 * }</pre>
 *
 * <p>One notifier serves any number of pools, and is safe for use by many threads. A pool's thread only puts the news
 * into a bounded queue; one daemon thread of the notifier's own posts them, so a receiver that is slow, gone or hostile
 * delays and fails no request. When the queue is full the oldest notice is dropped, and the next message says how many
 * were.
 *
 * <p>A person is told what happened and not more: each state of a server is told once in a window, flapping is told by
 * one summary at the window's end, and what exceeds the messages allowed in a minute comes together in the next one.
 *
 * <p>Close the notifier after its pools. Nothing is sent for what happens after that.
 */
public final class OperatorNotifier implements PoolListener, AutoCloseable {
    private final Reporter reporter;
    private final Mailbox mailbox;
    private final Thread thread;
    private final Duration closeTimeout;

    private OperatorNotifier(Builder settings) {
        reporter = new Reporter(settings.clock);
        mailbox = new Mailbox(settings.queueCapacity);
        closeTimeout = settings.closeTimeout;
        thread = daemon("lbclient-notify", new Worker(settings, mailbox, reporter));
        thread.start();
    }

    /**
     * Begins a notifier.
     *
     * @param webhook where messages are posted: an absolute http or https URL without user information and fragment.
     *     Its path and query are treated as secrets, and never logged
     * @return a builder with the defaults
     * @throws IllegalArgumentException if the URL is anything else
     */
    public static Builder builder(URI webhook) {
        return new Builder(webhook);
    }

    /** Returns a thread that does not keep a program from ending whose notifier nobody closed. */
    static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    // One line for each event of a pool: what is news, and what it is called, is the reporter's.

    @Override
    public void healthChanged(HealthChange change) {
        mailbox.put(reporter.healthChanged(change));
    }

    @Override
    public void serverAdded(String pool, Server server) {
        mailbox.put(reporter.added(pool, server));
    }

    @Override
    public void serverRemoved(String pool, Server server) {
        mailbox.put(reporter.removed(pool, server));
    }

    @Override
    public void noneEligible(PoolSnapshot snapshot) {
        mailbox.put(reporter.noneEligible(snapshot));
    }

    @Override
    public void panicChanged(PoolSnapshot snapshot, Set<Integer> tiers) {
        mailbox.put(reporter.panicChanged(snapshot, tiers));
    }

    @Override
    public void failedOver(String pool, Map<Integer, Integer> before, Map<Integer, Integer> after) {
        mailbox.put(reporter.failedOver(pool, before, after));
    }

    /**
     * Sends what is still to be told, for at most the close timeout, and ends the notifier's threads. A second call
     * does nothing. If the caller is interrupted, what is unsent is given up at once.
     */
    @Override
    public void close() {
        mailbox.close();
        try {
            thread.join(closeTimeout.toMillis() + 1);
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(closeTimeout.toMillis() + 1);
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    /** Collects the settings of a notifier; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private static final Set<String> OWN_HEADERS = Set.of("content-type", "user-agent");
        private static final Set<String> OWN_LABELS =
                new TreeSet<>(Set.of("alertname", "severity", "pool", "server", "state"));

        final URI webhook;
        final Map<String, String> headers = new LinkedHashMap<>();
        final Map<String, String> labels = new LinkedHashMap<>();
        NotificationFormat format = NotificationFormat.GENERIC_JSON;
        Duration requestTimeout = Duration.ofSeconds(5);
        int maxAttempts = 5;
        Duration firstBackoff = Duration.ofMillis(500);
        Duration longestBackoff = Duration.ofSeconds(10);
        Duration giveUpAfter = Duration.ofSeconds(30);
        Duration deduplicationWindow = Duration.ofMinutes(1);
        Duration repeatInterval = Duration.ofMinutes(1);
        Duration closeTimeout = Duration.ofSeconds(5);
        int messagesPerMinute = 30;
        int queueCapacity = 1_000;
        Clock clock = Clock.systemUTC();
        Ticker ticker = Ticker.system();

        private Builder(URI webhook) {
            this.webhook = Checks.webhook(webhook);
        }

        /**
         * Sets how messages are written. Default: {@link NotificationFormat#GENERIC_JSON}.
         *
         * @param kind the format
         * @return this builder
         */
        public Builder format(NotificationFormat kind) {
            format = kind;
            return this;
        }

        /**
         * Adds a header to each message, such as {@code Authorization}; a second value for a name replaces the first.
         * Its value is never logged, nor sent anywhere else: redirects are not followed. Default: none.
         *
         * @param name the header's name; not {@code Content-Type}, {@code User-Agent}, or one that the HTTP client
         *     reserves for itself, such as {@code Host}
         * @param value 1 to 4096 printable ASCII characters
         * @return this builder
         * @throws IllegalArgumentException if the name or the value is anything else; the value is not shown
         */
        public Builder header(String name, String value) {
            Checks.header(name, value, OWN_HEADERS);
            headers.put(name, value);
            return this;
        }

        /**
         * Adds a label to each message, such as the instance that sends it; a second value for a name replaces the
         * first. With Alertmanager, two programs with the same labels would resolve each other's alerts, so give each a
         * label of its own. Default: none.
         *
         * @param name letters, digits and underscores, up to 128, not beginning with a digit; not {@code alertname},
         *     {@code severity}, {@code pool}, {@code server} or {@code state}
         * @param value 1 to 256 characters without control characters
         * @return this builder
         * @throws IllegalArgumentException if the name or the value is anything else
         */
        public Builder label(String name, String value) {
            Checks.label(name, value, OWN_LABELS);
            labels.put(name, value);
            return this;
        }

        /**
         * Sets how long one POST may take, from connecting to the end of the answer. Default: 5 s.
         *
         * @param timeout greater than zero, at most one day
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder requestTimeout(Duration timeout) {
            requestTimeout = Checks.duration("requestTimeout", timeout);
            return this;
        }

        /**
         * Sets how often a message is posted at most. It is posted again after a connect failure, a timeout, a broken
         * connection, and the statuses 408, 429 and 500 to 599; any other status than 200 to 299 is final. Default: 5.
         *
         * @param attempts 1 to 100; 1 means no retry
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder maxAttempts(int attempts) {
            maxAttempts = Checks.between("maxAttempts", attempts, 1, 100);
            return this;
        }

        /**
         * Sets the waits between attempts, which double from the first to the longest, each with up to a fifth of
         * jitter. Default: 500 ms to 10 s.
         *
         * @param first greater than zero
         * @param longest greater than the first, at most one day
         * @return this builder
         * @throws IllegalArgumentException if they are not
         */
        public Builder backoff(Duration first, Duration longest) {
            Checks.duration("first", first);
            Checks.duration("longest", longest);
            if (longest.compareTo(first) <= 0) {
                throw Checks.rejected("longest", longest, "> first, which is " + first);
            }
            firstBackoff = first;
            longestBackoff = longest;
            return this;
        }

        /**
         * Sets after what time no further attempt at a message is begun; the last one may still take its request
         * timeout. Then the message is given up, with one WARN until the receiver takes messages again, and the next
         * message says how many events were lost. Default: 30 s.
         *
         * @param time greater than the first back-off, at most one day
         * @return this builder
         * @throws IllegalArgumentException if it is not greater than zero, or more than one day
         */
        public Builder giveUpAfter(Duration time) {
            giveUpAfter = Checks.duration("giveUpAfter", time);
            return this;
        }

        /**
         * Sets the time within which one state of one server is told once. A state that was told in it already waits
         * for its end, and then one message says how often the server changed. Default: 60 s.
         *
         * @param window greater than zero, at most one day
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder deduplicationWindow(Duration window) {
            deduplicationWindow = Checks.duration("deduplicationWindow", window);
            return this;
        }

        /**
         * Sets how many messages are sent in a minute at most. They may come all at once after a quiet minute; what
         * exceeds them waits and is sent together. Default: 30. Repeated alerts are not counted.
         *
         * @param messages 1 to 6000
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder messagesPerMinute(int messages) {
            messagesPerMinute = Checks.between("messagesPerMinute", messages, 1, 6_000);
            return this;
        }

        /**
         * Sets how many events may wait for the thread that posts; then the oldest is dropped. As many again may wait
         * for the rate limit, one for each server. Default: 1000.
         *
         * @param events 1 to 1000000
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder queueCapacity(int events) {
            queueCapacity = Checks.between("queueCapacity", events, 1, 1_000_000);
            return this;
        }

        /**
         * Sets how often an alert that still stands is sent again, for a receiver that forgets what it is not told:
         * {@link NotificationFormat#ALERTMANAGER} only. Keep it well under Alertmanager's {@code resolve_timeout},
         * which is 5 min unless set. Default: 60 s.
         *
         * @param interval greater than zero, at most one day
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder repeatInterval(Duration interval) {
            repeatInterval = Checks.duration("repeatInterval", interval);
            return this;
        }

        /**
         * Sets how long {@link OperatorNotifier#close} goes on sending. Default: 5 s.
         *
         * @param timeout greater than zero, at most one day
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder closeTimeout(Duration timeout) {
            closeTimeout = Checks.duration("closeTimeout", timeout);
            return this;
        }

        /** Where the times in messages come from; for tests. */
        Builder clock(Clock source) {
            clock = source;
            return this;
        }

        /** What the window, the rate limit and the repeat interval are measured with; for tests. */
        Builder ticker(Ticker source) {
            ticker = source;
            return this;
        }

        /**
         * Builds the notifier, which starts its thread.
         *
         * @return the notifier; add it to pools, and close it after them
         * @throws IllegalArgumentException if the first back-off is not less than the time after which a message is
         *     given up
         */
        public OperatorNotifier build() {
            if (giveUpAfter.compareTo(firstBackoff) <= 0) {
                throw Checks.rejected("giveUpAfter", giveUpAfter, "> the first back-off, which is " + firstBackoff);
            }
            return new OperatorNotifier(this);
        }
    }
}
