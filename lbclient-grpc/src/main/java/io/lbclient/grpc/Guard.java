package io.lbclient.grpc;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what fails here, or in users' code, away from gRPC: what is thrown in a channel's synchronization context ends
 * the channel for good, and what is thrown in a stream's tracer leaves the call hanging past its deadline.
 */
final class Guard {
    private static final Logger LOG = LoggerFactory.getLogger(GrpcLoadBalancing.class);

    private final String name;
    private final AtomicLong failures = new AtomicLong();

    Guard(String name) {
        this.name = name;
    }

    void run(String what, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            failed(what, e);
        }
    }

    /** Logs the 1st, 2nd, 4th, 8th failure and so on: on the path of a request it may fail as often as that is taken. */
    void failed(String what, Throwable failure) {
        long count = failures.incrementAndGet();
        if (Long.bitCount(count) == 1) {
            LOG.warn("{}: {} failed (failure {} of this channel)", name, what, count, failure);
        }
    }
}
