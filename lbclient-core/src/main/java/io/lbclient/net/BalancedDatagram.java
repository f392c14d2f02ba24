package io.lbclient.net;

import io.lbclient.Attempt;
import io.lbclient.HealthChange;
import io.lbclient.HealthState;
import io.lbclient.NoServerAvailableException;
import io.lbclient.PoolListener;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.internal.Checks;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams (UDP) to the servers of a pool: all packets of one flow go to one server.
 *
 * <pre>{@code
 * BalancedDatagram dns = BalancedDatagram.builder(pool).build();
 * byte[] answer = dns.ask(question.id(), question.bytes(), Duration.ofSeconds(1));
 * }</pre>
 *
 * <p>A flow is what a key stands for: a session, a client, or the addresses and ports of a packet that is passed on. It
 * begins with its first packet, which picks the server, and is in flight to it until it ends: closed, unused for the idle
 * timeout, or forgotten because there are too many, those that were used least recently first. A server that answers with
 * ICMP "port unreachable", sends a reply that does not pass the reply check, or lets a reply time out, is told on, and the
 * flow ends; the next packet of the same key picks another server. So do flows to a server that is ejected, found bad by
 * an active check, or removed.
 *
 * <p>Safe for use by many threads.
 */
public final class BalancedDatagram implements AutoCloseable {
    private final ServerPool pool;
    private final int maxServers;
    private final int maxReply;
    private final Predicate<byte[]> replyCheck;
    private final BiPredicate<byte[], byte[]> replyTo;
    private final Function<Object, ? extends RequestView> request;
    private final ScheduledExecutorService timer;
    private final boolean ownTimer;
    private final Departures departures = new Departures();
    private final FlowTable flows;
    private volatile boolean closed;

    private BalancedDatagram(Builder settings) {
        pool = settings.pool;
        maxServers = settings.maxServers;
        maxReply = settings.maxReply;
        replyCheck = settings.replyCheck;
        replyTo = settings.replyTo;
        request = settings.request;
        ownTimer = settings.scheduler == null;
        timer = settings.scheduler == null ? ConnectThreads.timer(pool.name() + "-udp") : settings.scheduler;
        flows = new FlowTable(pool.ticker(), timer, settings.idleTimeout, settings.maxFlows);
        pool.addListener(departures);
    }

    /**
     * Begins the settings.
     *
     * @param pool the servers
     * @return a builder with the defaults
     */
    public static Builder builder(ServerPool pool) {
        return new Builder(pool);
    }

    /**
     * Returns the flow of a key, which is opened if there is none.
     *
     * @param key what the packets of one flow have in common; compared by {@code equals}
     * @return the flow; ask again for each packet, since a flow may end at any time
     * @throws IOException if no server may be picked, or no socket can be opened
     */
    public DatagramFlow flow(Object key) throws IOException {
        DatagramFlow present = flows.present(key);
        if (present != null) {
            return present;
        }
        int seen = departures.count.get();
        return begin(key, pick(key), seen);
    }

    private DatagramFlow begin(Object key, Attempt attempt, int departuresSeen) throws IOException {
        DatagramFlow fresh =
                DatagramFlow.open(attempt, pool.ticker(), replyCheck, maxReply, ended -> flows.forget(key, ended));
        DatagramFlow kept = flows.add(key, fresh);
        if (kept != fresh) {
            // Another thread was faster, and a flow has one server.
            fresh.close();
            return kept;
        }
        if (closed) {
            fresh.close();
            throw new IOException(pool.name() + ": the datagrams are closed");
        }
        if (departures.count.get() != departuresSeen && !serves(fresh.server())) {
            // It left after the pick, and its flows were ended before this one was among them.
            fresh.close();
        }
        return fresh;
    }

    private boolean serves(Server server) {
        return pool.snapshot().servers().stream()
                .anyMatch(s -> s.server().id().equals(server.id()) && !endsFlows(s.state()));
    }

    private static boolean endsFlows(HealthState state) {
        return state == HealthState.EJECTED || state == HealthState.UNHEALTHY;
    }

    private Attempt pick(Object key) throws IOException {
        try {
            return pool.pick(request.apply(key));
        } catch (NoServerAvailableException e) {
            throw Dialer.nobody(e);
        }
    }

    /**
     * Sends a packet and waits for the reply; a server that does not give one, or not a good one, is followed by another,
     * as far as the pool's retry budget allows. What is asked must be safe to ask twice. Questions of one key are asked
     * one after another, since datagrams do not say what they are replies to.
     *
     * @param key the flow's key
     * @param question the packet
     * @param timeout how long each server has, greater than zero
     * @return the reply
     * @throws IOException if no server gave a good reply, and then the last failure: a {@link
     *     java.net.SocketTimeoutException}, a {@link java.net.PortUnreachableException} or another
     * @throws IllegalArgumentException if the timeout is not greater than zero, or is more than 24 days
     */
    public byte[] ask(Object key, byte[] question, Duration timeout) throws IOException {
        Checks.positive("timeout", timeout, Dialer.LONGEST);
        pool.retryBudget().request();
        DatagramFlow present = flows.present(key);
        int seen = departures.count.get();
        Attempt attempt = present == null ? pick(key) : present.attempt();
        for (int tries = 1; ; tries++) {
            try {
                DatagramFlow flow = present == null ? begin(key, attempt, seen) : present;
                attempt = flow.attempt();
                return flow.ask(question, timeout, replyTo);
            } catch (IOException e) {
                if (tries >= maxServers) {
                    throw e;
                }
                seen = departures.count.get();
                present = flows.present(key);
                attempt = nextAfter(attempt, present, e);
            }
        }
    }

    /** Another server, or the one that another thread has found for the same key in the meantime. */
    private Attempt nextAfter(Attempt failed, @Nullable DatagramFlow present, IOException cause) throws IOException {
        // A flow that has not ended by its failure would fail in the same way again: the packet is too long, say.
        boolean same = present != null && present.attempt() == failed;
        if (same || closed || !failed.hasAnother() || !pool.retryBudget().tryAcquire()) {
            throw cause;
        }
        try {
            return present == null ? failed.another() : present.attempt();
        } catch (NoServerAvailableException e) {
            // The last one that was left has gone in this moment.
            throw cause;
        }
    }

    /**
     * Returns how many flows are open.
     *
     * @return the count
     */
    public int openFlows() {
        return flows.size();
    }

    /** Ends all flows, and with them what is in flight. */
    @Override
    public void close() {
        closed = true;
        pool.removeListener(departures);
        if (ownTimer) {
            timer.shutdownNow();
        }
        flows.endAll();
    }

    @Override
    public String toString() {
        return "datagrams to " + pool.name();
    }

    private final class Departures implements PoolListener {
        final AtomicInteger count = new AtomicInteger();

        @Override
        public void serverRemoved(String name, Server server) {
            count.incrementAndGet();
            flows.endAllTo(server);
        }

        @Override
        public void healthChanged(HealthChange change) {
            if (change.raised() && endsFlows(change.to())) {
                count.incrementAndGet();
                flows.endAllTo(change.server());
            }
        }
    }

    /** Collects the settings; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private final ServerPool pool;
        private Duration idleTimeout = Duration.ofMinutes(1);
        private int maxFlows = 10_000;
        private int maxServers = 3;
        private int maxReply = 4096;
        private Predicate<byte[]> replyCheck = reply -> true;
        private BiPredicate<byte[], byte[]> replyTo = (question, reply) -> true;
        private Function<Object, ? extends RequestView> request = key -> RequestView.EMPTY;
        private @Nullable ScheduledExecutorService scheduler;

        private Builder(ServerPool pool) {
            this.pool = pool;
        }

        /**
         * Sets after how long without a packet either way a flow ends, to within a quarter of it. Default: 1 minute.
         *
         * @param time greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder idleTimeout(Duration time) {
            idleTimeout = Checks.positive("idleTimeout", time, Dialer.LONGEST);
            return this;
        }

        /**
         * Sets how many flows there are at most; each has a socket. Default: 10 000.
         *
         * @param flows at least 1
         * @return this builder
         * @throws IllegalArgumentException if it is less
         */
        public Builder maxFlows(int flows) {
            maxFlows = Checks.atLeast("maxFlows", flows, 1);
            return this;
        }

        /**
         * Sets how many servers one {@link BalancedDatagram#ask} tries at most. Default: 3.
         *
         * @param servers at least 1
         * @return this builder
         * @throws IllegalArgumentException if it is less
         */
        public Builder maxServers(int servers) {
            maxServers = Checks.atLeast("maxServers", servers, 1);
            return this;
        }

        /**
         * Sets how long a reply may be; a longer one is a failure rather than cut off. Default: 4096 bytes.
         *
         * @param bytes at least 1
         * @return this builder
         * @throws IllegalArgumentException if it is less
         */
        public Builder maxReply(int bytes) {
            maxReply = Checks.atLeast("maxReply", bytes, 1);
            return this;
        }

        /**
         * Sets what a good reply is; another one counts as a failure of its server. Default: any.
         *
         * @param check called on the thread that receives
         * @return this builder
         */
        public Builder replyCheck(Predicate<byte[]> check) {
            replyCheck = check;
            return this;
        }

        /**
         * Sets which reply belongs to which question, such as by an id that both carry. {@link BalancedDatagram#ask} drops
         * a reply that belongs to another question and goes on waiting: the network may deliver a packet twice, and the
         * second copy would be taken for the answer to the next question. Default: any to any.
         *
         * @param match takes the question and the reply, which has passed the reply check
         * @return this builder
         */
        public Builder replyTo(BiPredicate<byte[], byte[]> match) {
            replyTo = match;
            return this;
        }

        /**
         * Sets what the strategy may read of a flow that begins, for hashing and stickiness. Default: nothing.
         *
         * @param view makes the view from the key; it must not block
         * @return this builder
         */
        public Builder request(Function<Object, ? extends RequestView> view) {
            request = view;
            return this;
        }

        /**
         * Sets what ends idle flows. Default: a daemon thread of its own, which ends when there are no flows.
         *
         * @param service the scheduler; it is not shut down
         * @return this builder
         */
        public Builder scheduler(ScheduledExecutorService service) {
            scheduler = service;
            return this;
        }

        /**
         * Makes the table of flows.
         *
         * @return the datagrams; close them when they are no longer needed
         */
        public BalancedDatagram build() {
            return new BalancedDatagram(this);
        }
    }
}
