package io.lbclient.session;

import io.lbclient.Affinity;
import io.lbclient.Candidate;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds how many of the new sessions a server takes to a multiple of its share. Counted since the shares last changed:
 * otherwise a newcomer would be owed all that the others had before it came.
 *
 * <p>Threads that pick at the same moment do not see each other's sessions, so each may go one above.
 */
final class NewSessions {
    private final double factor;
    private volatile Counts counts = new Counts(new Object());

    /** The counts under one set of shares. */
    private static final class Counts {
        final Object shares;
        final AtomicLong all = new AtomicLong();
        final ConcurrentHashMap<Candidate, AtomicLong> byServer = new ConcurrentHashMap<>();

        Counts(Object shares) {
            this.shares = shares;
        }
    }

    NewSessions(double factor) {
        this.factor = factor;
    }

    private Counts counts(Affinity.Standing standing) {
        Counts present = counts;
        Object shares = standing.shares();
        if (present.shares == shares) {
            return present;
        }
        // Two threads may both begin anew: then some sessions are not counted, which only makes room.
        Counts next = new Counts(shares);
        counts = next;
        return next;
    }

    boolean admits(Candidate server, Affinity.Standing standing) {
        Counts now = counts(standing);
        AtomicLong own = now.byServer.get(server);
        double bound = Math.ceil(factor * standing.share(server) * (now.all.get() + 1));
        return own == null || own.get() < bound;
    }

    void took(Candidate server, Affinity.Standing standing) {
        Counts now = counts(standing);
        now.byServer.computeIfAbsent(server, unused -> new AtomicLong()).incrementAndGet();
        now.all.incrementAndGet();
    }
}
