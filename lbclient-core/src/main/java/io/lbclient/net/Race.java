package io.lbclient.net;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One connect: goes from address to address and from server to server until one takes the connection (RFC 8305).
 *
 * <p>It runs in the caller's thread. Only while a connect is silent for longer than the start delay, the next one is
 * started beside it, in a thread of its own; the first that succeeds wins, and the others are closed.
 */
final class Race {
    private final Dialer dialer;
    private final Link.Source links;
    private final SocketAddress logical;
    private final long deadline;
    // False if two connects cannot be under way at once, because they would need the same local port.
    private final boolean parallel;

    // Held while the next server is picked and its name resolved, which may take long: not needed to win or to lose.
    private final ReentrantLock choosing = new ReentrantLock();
    // Written with both locks held, so that one of them is enough to read it.
    private @Nullable Approach current;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Approach> approaches = new ArrayList<>();
    private final List<Leg> running = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private @Nullable IOException last;
    private @Nullable IOException ownFailure;
    private @Nullable Leg winner;
    private volatile boolean over;

    Race(Dialer dialer, Link.Source links, SocketAddress logical, long deadline, boolean parallel) {
        this.dialer = dialer;
        this.links = links;
        this.logical = logical;
        this.deadline = deadline;
        this.parallel = parallel;
    }

    /** One connect to one address. */
    record Leg(Approach approach, InetSocketAddress address, Link link, boolean hasMore) {}

    /** Returns the leg that won, its attempt established. */
    Leg run() throws IOException {
        try {
            for (Leg leg = next(); leg != null; leg = next()) {
                drive(leg);
            }
            awaitOthers();
        } finally {
            finish();
        }
        Leg won = winner;
        if (won == null) {
            throw failure();
        }
        won.approach.attempt.established();
        dialer.connected(won.approach.server, won.address, dialer.ticker.read() - won.approach.start);
        return won;
    }

    /** Ends the race because its socket was closed. */
    void abort() {
        fail(new SocketException("Socket closed"));
    }

    private void fail(IOException cause) {
        lock.lock();
        try {
            if (!over) {
                ownFailure = cause;
            }
        } finally {
            lock.unlock();
        }
        finish();
    }

    /** Null if nothing is left to be started. */
    private @Nullable Leg next() {
        choosing.lock();
        try {
            while (!over && dialer.ticker.read() - deadline < 0) {
                if (current != null && current.hasMore()) {
                    return begin(current);
                }
                if (!choose()) {
                    return null;
                }
            }
            return null;
        } catch (IOException | RuntimeException | Error e) {
            fail(e instanceof IOException io ? io : new IOException(e.toString(), e));
            return null;
        } finally {
            choosing.unlock();
        }
    }

    private @Nullable Leg begin(Approach approach) throws IOException {
        Link link = links.open();
        lock.lock();
        try {
            if (!over) {
                Leg leg = new Leg(approach, approach.begin(), link, approach.hasMore());
                running.add(leg);
                return leg;
            }
        } finally {
            lock.unlock();
        }
        link.close();
        return null;
    }

    /** Goes on to the next server. False if there is none that may be tried. */
    private boolean choose() throws IOException {
        long start = dialer.ticker.read();
        Attempt attempt = pick();
        if (attempt == null) {
            return false;
        }
        Approach approach = new Approach(attempt, start);
        UnknownHostException unknown = null;
        try {
            approach.resolve();
        } catch (UnknownHostException e) {
            unknown = e;
        } catch (RuntimeException | Error e) {
            attempt.close();
            throw e;
        }
        lock.lock();
        try {
            current = approach;
            approaches.add(approach);
            if (unknown != null) {
                note(approach, unknown);
            }
        } finally {
            lock.unlock();
        }
        if (unknown != null) {
            attempt.complete(Outcome.CONNECT_FAILURE);
        } else if (over) {
            // Closed while the name was looked up: whoever closed it did not see this attempt.
            attempt.close();
        }
        return true;
    }

    private @Nullable Attempt pick() throws IOException {
        Approach before = current;
        if (before != null) {
            return dialer.another(before.attempt);
        }
        try {
            return dialer.pick(logical);
        } catch (NoServerAvailableException e) {
            throw Dialer.nobody(e);
        }
    }

    private void drive(Leg leg) {
        ScheduledFuture<?> early = startNextLater(leg);
        try {
            leg.link.connect(leg.address, dialer.millisUntil(deadline));
            won(leg);
        } catch (IOException e) {
            lost(leg, e);
        } catch (RuntimeException e) {
            lost(leg, new IOException(e.toString(), e));
        } finally {
            if (early != null) {
                early.cancel(false);
            }
        }
    }

    private @Nullable ScheduledFuture<?> startNextLater(Leg leg) {
        if (!parallel || over || !(leg.hasMore || dialer.mayTryAnother(leg.approach.attempt))) {
            return null;
        }
        return dialer.later(this::startNext, dialer.startDelayNanos);
    }

    private void startNext() {
        try {
            dialer.threads.execute(() -> {
                for (Leg leg = next(); leg != null; leg = next()) {
                    drive(leg);
                }
                signal();
            });
        } catch (RejectedExecutionException e) {
            // The factory was closed: what is under way goes on alone.
            return;
        }
    }

    private void won(Leg leg) throws IOException {
        boolean first;
        lock.lock();
        try {
            running.remove(leg);
            first = !over;
            if (first) {
                winner = leg;
                over = true;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (first) {
            // Here, not when the caller is back: it may be waiting for a server that is silent.
            finish();
        } else {
            leg.link.close();
        }
    }

    private void lost(Leg leg, IOException cause) {
        if (isInterrupt(cause)) {
            fail(cause);
        }
        boolean told;
        Outcome verdict = null;
        lock.lock();
        try {
            running.remove(leg);
            told = !over;
            if (told) {
                leg.approach.failed(cause);
                note(leg.approach, cause);
                verdict = leg.approach.verdict();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        close(leg.link);
        if (verdict != null) {
            leg.approach.attempt.complete(verdict);
        }
        if (told && !(cause instanceof BindException)) {
            dialer.connectFailed(leg.approach.server, leg.address, cause);
        }
    }

    /** Whether the thread that connects was interrupted: on channels and virtual threads that ends the connect. */
    static boolean isInterrupt(IOException cause) {
        boolean closed = cause.getClass() == SocketException.class
                && Thread.currentThread().isInterrupted();
        boolean interrupted = cause instanceof InterruptedIOException && !(cause instanceof SocketTimeoutException);
        return closed || interrupted || cause instanceof ClosedByInterruptException;
    }

    private void note(Approach approach, IOException cause) {
        last = cause;
        failures.add(approach.server.id() + ": " + cause.getMessage());
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing can be started any more: waits for what others have under way. Like a socket's connect, it is not interrupted. */
    private void awaitOthers() {
        boolean interrupted = false;
        lock.lock();
        try {
            long left = deadline - dialer.ticker.read();
            while (!over && !running.isEmpty() && left > 0) {
                try {
                    left = changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends all that is under way but the winner, and judges the servers that were not judged before. */
    private void finish() {
        long now = dialer.ticker.read();
        List<Leg> left;
        Map<Attempt, Outcome> verdicts = new LinkedHashMap<>();
        lock.lock();
        try {
            over = true;
            left = List.copyOf(running);
            for (Approach approach : approaches) {
                if (winner == null || winner.approach != approach) {
                    boolean own = ownFailure != null;
                    verdicts.put(
                            approach.attempt, own ? Outcome.CANCELLED : approach.verdict(now, dialer.startDelayNanos));
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        verdicts.forEach(Attempt::complete);
        left.forEach(leg -> close(leg.link));
    }

    private static void close(Link link) {
        try {
            link.close();
        } catch (IOException e) {
            // It was never connected, so nothing is lost.
        }
    }

    private IOException failure() {
        lock.lock();
        try {
            if (ownFailure != null) {
                return ownFailure;
            }
            String message = dialer.name + ": no server took the connection"
                    + (failures.isEmpty() ? " in time" : " (" + String.join("; ", failures) + ")");
            IOException failure = like(last, message);
            failure.initCause(last);
            return failure;
        } finally {
            lock.unlock();
        }
    }

    private static IOException like(@Nullable IOException last, String message) {
        if (last instanceof BindException) {
            return new BindException(message);
        }
        boolean late = last == null || last instanceof SocketTimeoutException;
        return late ? new SocketTimeoutException(message) : new ConnectException(message);
    }
}
