package io.lbclient.net;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.net.ConnectionListener.Ending;
import java.io.Closeable;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NetworkChannel;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/** One connection that came about: in flight until it is closed, for whatever reason, exactly once. */
final class Connection {
    private static final VarHandle ENDING;
    private static final VarHandle IN;
    private static final VarHandle OUT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ENDING = lookup.findVarHandle(Connection.class, "ending", Ending.class);
            IN = lookup.findVarHandle(Connection.class, "bytesIn", long.class);
            OUT = lookup.findVarHandle(Connection.class, "bytesOut", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Connections all;
    private final Attempt attempt;
    private final Closeable socket;
    private final long start;
    private volatile @Nullable Ending ending;
    private volatile boolean broken;
    private volatile long bytesIn;
    private volatile long bytesOut;
    // Whether the last word was this side's, so that an answer may be on its way.
    private volatile boolean awaiting;
    private volatile @Nullable ScheduledFuture<?> aging;

    Connection(Connections all, Attempt attempt, Closeable socket, long start) {
        this.all = all;
        this.attempt = attempt;
        this.socket = socket;
        this.start = start;
    }

    Server server() {
        return attempt.server();
    }

    double random() {
        return attempt.random().nextDouble();
    }

    void received(long bytes) {
        IN.getAndAdd(this, bytes);
        // Read before written: in a long stream one way it is always the same.
        if (awaiting) {
            awaiting = false;
        }
    }

    void sent(long bytes) {
        // Nothing is answered with nothing.
        if (bytes > 0) {
            count(bytes);
            sending();
        }
    }

    void count(long bytesSent) {
        OUT.getAndAdd(this, bytesSent);
    }

    void sending() {
        if (!awaiting) {
            awaiting = true;
        }
    }

    long bytes() {
        return bytesIn + bytesOut;
    }

    boolean awaitsAnswer() {
        return awaiting;
    }

    boolean isOpen() {
        return ending == null;
    }

    /** Notes that reading or writing failed; an ending of this side's own making says nothing about the server. */
    void failed(IOException cause) {
        // A virtual thread that is interrupted closes its socket, and a user may close a channel itself.
        if (cause instanceof SocketTimeoutException
                || cause instanceof ClosedChannelException
                || !isOpen()
                || Thread.currentThread().isInterrupted()) {
            return;
        }
        broken = true;
        // Now, not when somebody gets round to closing it: what follows should not be sent there.
        attempt.complete(Outcome.FAILURE);
    }

    void ageWith(@Nullable ScheduledFuture<?> timer) {
        aging = timer;
        if (!isOpen()) {
            cancel(timer);
        }
    }

    private static void cancel(@Nullable ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** The first call counts. */
    void close(Ending why) throws IOException {
        Ending as = why == Ending.CLOSED && broken ? Ending.BROKEN : why;
        if (!ENDING.compareAndSet(this, null, as)) {
            return;
        }
        cancel(aging);
        if (as != Ending.CLOSED && as != Ending.BROKEN) {
            doNotLinger();
        }
        try {
            socket.close();
        } finally {
            attempt.close();
            all.closed(this, as, start);
        }
    }

    /**
     * A user who sets {@code SO_LINGER} is ready to wait when he closes the socket; a timer or a health check, on whose
     * thread all others wait too, is not.
     */
    private void doNotLinger() {
        try {
            if (socket instanceof Socket plain && plain.getSoLinger() > 0) {
                plain.setSoLinger(false, 0);
            } else if (socket instanceof NetworkChannel channel
                    && channel.getOption(StandardSocketOptions.SO_LINGER) > 0) {
                channel.setOption(StandardSocketOptions.SO_LINGER, -1);
            }
        } catch (IOException e) {
            // It is closed already: nothing will linger.
            return;
        }
    }

    long bytesIn() {
        return bytesIn;
    }

    long bytesOut() {
        return bytesOut;
    }
}
