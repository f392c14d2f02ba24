package io.lbclient.net;

import io.lbclient.Attempt;
import io.lbclient.HealthChange;
import io.lbclient.HealthState;
import io.lbclient.NoServerAvailableException;
import io.lbclient.PoolListener;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
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
    private final long idleNanos;
    private final int maxFlows;
    private final int maxServers;
    private final int maxReply;
    private final Predicate<byte[]> replyCheck;
    private final Function<Object, ? extends RequestView> request;
    private final ScheduledExecutorService timer;
    private final boolean ownTimer;
    private final Departures departures = new Departures();
    private final ReentrantLock lock = new ReentrantLock();
    // Both guarded by the lock. In the order of use, the least recent first.
    private final Map<Object, DatagramFlow> flows = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable ScheduledFuture<?> sweep;
    private volatile boolean closed;

    private BalancedDatagram(Builder settings) {
        pool = settings.pool;
        idleNanos = settings.idleTimeout.toNanos();
        maxFlows = settings.maxFlows;
        maxServers = settings.maxServers;
        maxReply = settings.maxReply;
        replyCheck = settings.replyCheck;
        request = settings.request;
        ownTimer = settings.scheduler == null;
        timer = settings.scheduler == null ? ConnectThreads.timer(pool.name() + "-udp") : settings.scheduler;
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
        return flow(key, null);
    }

    private DatagramFlow flow(Object key, @Nullable Attempt previous) throws IOException {
        DatagramFlow present = present(key);
        if (present != null) {
            return present;
        }
        DatagramFlow fresh = open(key, previous);
        DatagramFlow other;
        List<DatagramFlow> forgotten = new ArrayList<>();
        lock.lock();
        try {
            other = flows.get(key);
            if (other == null || other.isClosed()) {
                other = null;
                flows.put(key, fresh);
                forgetSome(forgotten);
                sweepLater();
            }
        } finally {
            lock.unlock();
        }
        forgotten.forEach(DatagramFlow::close);
        if (other != null) {
            // Another thread was faster, and a flow has one server.
            fresh.close();
            return other;
        }
        if (closed) {
            fresh.close();
            throw new IOException(pool.name() + ": the datagrams are closed");
        }
        return fresh;
    }

    private @Nullable DatagramFlow present(Object key) {
        lock.lock();
        try {
            DatagramFlow present = flows.get(key);
            return present == null || present.isClosed() ? null : present;
        } finally {
            lock.unlock();
        }
    }

    private DatagramFlow open(Object key, @Nullable Attempt previous) throws IOException {
        Attempt attempt;
        try {
            attempt = previous == null ? pool.pick(request.apply(key)) : previous.another();
        } catch (NoServerAvailableException e) {
            throw (IOException) new ConnectException(e.getMessage()).initCause(e);
        }
        return DatagramFlow.open(attempt, pool.ticker(), replyCheck, maxReply);
    }

    private void forgetSome(List<DatagramFlow> forgotten) {
        Iterator<DatagramFlow> leastRecent = flows.values().iterator();
        while (flows.size() > maxFlows) {
            forgotten.add(leastRecent.next());
            leastRecent.remove();
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
     */
    public byte[] ask(Object key, byte[] question, Duration timeout) throws IOException {
        Checks.positive("timeout", timeout);
        pool.retryBudget().request();
        DatagramFlow flow = flow(key);
        for (int tries = 1; ; tries++) {
            try {
                return flow.ask(question, timeout);
            } catch (IOException e) {
                Attempt failed = flow.attempt();
                boolean more = tries < maxServers && failed.hasAnother();
                if (!more || !pool.retryBudget().tryAcquire()) {
                    throw e;
                }
                flow = flow(key, failed);
            }
        }
    }

    /**
     * Returns how many flows are open.
     *
     * @return the count
     */
    public int openFlows() {
        lock.lock();
        try {
            return (int) flows.values().stream().filter(f -> !f.isClosed()).count();
        } finally {
            lock.unlock();
        }
    }

    /** Only while there is something to sweep, so that the timer's thread can end. Called with the lock held. */
    private void sweepLater() {
        if (sweep != null || flows.isEmpty()) {
            return;
        }
        try {
            sweep = timer.schedule(this::sweep, Math.max(1, idleNanos / 4), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Closed: then all flows are.
            sweep = null;
        }
    }

    private void sweep() {
        long now = pool.ticker().read();
        remove(flow -> flow.isClosed() || now - flow.lastUse() >= idleNanos, true);
    }

    private void remove(Predicate<DatagramFlow> unwanted, boolean swept) {
        List<DatagramFlow> removed = new ArrayList<>();
        lock.lock();
        try {
            flows.values().removeIf(flow -> unwanted.test(flow) && removed.add(flow));
            if (swept) {
                sweep = null;
                sweepLater();
            }
        } finally {
            lock.unlock();
        }
        removed.forEach(DatagramFlow::close);
    }

    private void endFlowsTo(Server server) {
        remove(flow -> flow.server().id().equals(server.id()), false);
    }

    /** Ends all flows, and with them what is in flight. */
    @Override
    public void close() {
        closed = true;
        pool.removeListener(departures);
        if (ownTimer) {
            timer.shutdownNow();
        }
        remove(flow -> true, false);
    }

    @Override
    public String toString() {
        return "datagrams to " + pool.name();
    }

    private final class Departures implements PoolListener {
        @Override
        public void serverRemoved(String name, Server server) {
            endFlowsTo(server);
        }

        @Override
        public void healthChanged(HealthChange change) {
            if (change.raised() && (change.to() == HealthState.EJECTED || change.to() == HealthState.UNHEALTHY)) {
                endFlowsTo(change.server());
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
            idleTimeout = Checks.positive("idleTimeout", time);
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
         * @return the datagrams; close them with the program's use of the service
         */
        public BalancedDatagram build() {
            return new BalancedDatagram(this);
        }
    }
}
