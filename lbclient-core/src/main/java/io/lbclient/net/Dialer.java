package io.lbclient.net;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.RequestView;
import io.lbclient.RetryBudget;
import io.lbclient.Server;
import io.lbclient.Ticker;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the connects of one factory have in common: whom they pick, how long they wait, and who is told. */
final class Dialer {
    private static final Logger LOG = LoggerFactory.getLogger(Dialer.class);
    /** A name with more addresses than these is a service of its own, and the next server is the better choice. */
    private static final int MAX_ADDRESSES = 4;

    /** What the timeouts of sockets can hold. */
    static final Duration LONGEST = Duration.ofMillis(Integer.MAX_VALUE);

    final String name;
    final Ticker ticker;
    private final RetryBudget.Account budget;
    final long startDelayNanos;
    final long connectTimeoutNanos;
    private final int maxServers;
    private final ScheduledExecutorService timer;
    private final boolean ownTimer;
    final ExecutorService threads;
    private final Function<RequestView, Attempt> picks;
    private final Function<? super SocketAddress, ? extends RequestView> request;
    private final ConnectionListener listener;

    Dialer(BalancedSocketFactory.Builder settings) {
        name = settings.pool.name();
        ticker = settings.pool.ticker();
        budget = settings.pool.retryBudget();
        startDelayNanos = settings.startDelay.toNanos();
        connectTimeoutNanos = settings.connectTimeout.toNanos();
        maxServers = settings.maxServers;
        ownTimer = settings.scheduler == null;
        timer = settings.scheduler == null ? ConnectThreads.timer(name) : settings.scheduler;
        threads = ConnectThreads.connects(name);
        picks = settings.view == null ? settings.pool::pick : settings.view::pick;
        request = settings.request;
        listener = settings.listener;
    }

    Attempt pick(SocketAddress logical) {
        budget.request();
        return picks.apply(request.apply(logical));
    }

    boolean mayTryAnother(Attempt before) {
        return before.number() < maxServers && before.hasAnother();
    }

    /** The next server after one that failed, paid from the budget; null if there is none that may be tried. */
    @Nullable Attempt another(Attempt failed) {
        if (!mayTryAnother(failed) || !budget.tryAcquire()) {
            return null;
        }
        try {
            return failed.another();
        } catch (NoServerAvailableException e) {
            // The last one that was left has gone in this moment.
            return null;
        }
    }

    /** What a pool with nobody to pick is to a user of sockets: a connect that failed. */
    static IOException nobody(NoServerAvailableException cause) {
        return (IOException) new ConnectException(cause.getMessage()).initCause(cause);
    }

    /** When a connect must be over, as a reading of the ticker; 0 stands for the factory's own timeout. */
    long deadline(int timeoutMillis) {
        long nanos = timeoutMillis == 0 ? connectTimeoutNanos : TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        return ticker.read() + nanos;
    }

    /** Milliseconds that a socket may take, at least one: for a socket, 0 means for ever. */
    int millisUntil(long deadline) {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - ticker.read());
        return (int) Math.max(1, Math.min(millis, Integer.MAX_VALUE));
    }

    /** Null if this factory's scheduler has been shut down: then nothing is started early. */
    @Nullable ScheduledFuture<?> later(Runnable task, long nanos) {
        try {
            return timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            return null;
        }
    }

    /** The same for what is never cancelled, because it looks for itself whether it is still wanted. */
    void run(Runnable task, long nanos) {
        ScheduledFuture<?> planned = later(task, nanos);
        if (planned == null) {
            LOG.debug("{}: the scheduler was shut down", name);
        }
    }

    static Deque<InetSocketAddress> addresses(Server server) throws UnknownHostException {
        return inTurns(InetAddress.getAllByName(server.host()), server.port());
    }

    /**
     * A server's addresses in the order in which they are tried: the families take turns (RFC 8305 section 4), beginning
     * with the resolver's first.
     */
    static Deque<InetSocketAddress> inTurns(InetAddress[] all, int port) {
        List<InetAddress> first = new ArrayList<>();
        List<InetAddress> second = new ArrayList<>();
        for (InetAddress address : all) {
            (address.getClass() == all[0].getClass() ? first : second).add(address);
        }
        Deque<InetSocketAddress> order = new ArrayDeque<>();
        for (int i = 0; order.size() < Math.min(all.length, MAX_ADDRESSES); i++) {
            List<InetAddress> turn = i % 2 == 0 ? first : second;
            if (i / 2 < turn.size()) {
                order.add(new InetSocketAddress(turn.get(i / 2), port));
            }
        }
        return order;
    }

    void connected(Server server, InetSocketAddress address, long nanos) {
        tell(() -> listener.connected(server, address, Duration.ofNanos(nanos)));
    }

    void connectFailed(Server server, InetSocketAddress address, IOException cause) {
        LOG.debug("{}: {} at {} did not take a connection: {}", name, server.id(), address, cause.toString());
        tell(() -> listener.connectFailed(server, address, cause));
    }

    void closed(Server server, ConnectionListener.Ending ending, long nanos, long bytesIn, long bytesOut) {
        LOG.debug("{}: connection to {} is closed ({})", name, server.id(), ending);
        tell(() -> listener.closed(server, ending, Duration.ofNanos(nanos), bytesIn, bytesOut));
    }

    /** What was started goes on to its end. */
    void close() {
        threads.shutdown();
        if (ownTimer) {
            timer.shutdownNow();
        }
    }

    private void tell(Runnable news) {
        try {
            news.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("{}: a connection listener threw", name, e);
        }
    }
}
