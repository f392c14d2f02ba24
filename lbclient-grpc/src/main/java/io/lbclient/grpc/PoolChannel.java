package io.lbclient.grpc;

import io.grpc.ManagedChannel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The channel of one destination, until the rules no longer lead there. gRPC lets the calls of a channel that is shut down
 * end by themselves, once they are started; so the shutdown waits for those that are being started.
 */
final class PoolChannel {
    private static final int RETIRED = Integer.MIN_VALUE;

    final ManagedChannel channel;
    /** How many calls are being started; negative when it is retired. */
    private final AtomicInteger starting = new AtomicInteger();

    PoolChannel(ManagedChannel channel) {
        this.channel = channel;
    }

    /** False if it is retired. After true, call {@link #leave()} when the call has started. */
    boolean enter() {
        int now = starting.get();
        while (now >= 0) {
            int seen = starting.compareAndExchange(now, now + 1);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    void leave() {
        if (starting.decrementAndGet() == RETIRED) {
            ManagedChannel unused = channel.shutdown();
        }
    }

    void retire() {
        if (starting.getAndUpdate(now -> now | RETIRED) == 0) {
            ManagedChannel unused = channel.shutdown();
        }
    }
}
