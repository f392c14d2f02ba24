package io.lbclient.balancer;

import io.lbclient.Candidate;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/** What one server answered to one probe, and how much of it is used up. */
final class Probe {
    private static final AtomicIntegerFieldUpdater<Probe> RIF =
            AtomicIntegerFieldUpdater.newUpdater(Probe.class, "rif");
    private static final AtomicIntegerFieldUpdater<Probe> USES =
            AtomicIntegerFieldUpdater.newUpdater(Probe.class, "usesLeft");

    final Candidate server;
    final long latencyNanos;
    /** When the server was asked, or reported. */
    final long asOf;

    private volatile int rif;
    private volatile int usesLeft;

    Probe(Candidate server, int rif, long latencyNanos, long asOf, int uses) {
        this.server = server;
        this.latencyNanos = latencyNanos;
        this.asOf = asOf;
        this.rif = rif;
        this.usesLeft = uses;
    }

    int rif() {
        return rif;
    }

    boolean usedUp() {
        return usesLeft <= 0;
    }

    /** The request that is sent now is in flight there, and was not yet when the server answered. */
    void use() {
        RIF.incrementAndGet(this);
        USES.decrementAndGet(this);
    }

    /** The hot-cold lexicographic rule: cold before hot; of cold ones the faster, of hot ones the less busy. */
    boolean betterThan(Probe other, int threshold) {
        int mine = rif;
        int its = other.rif;
        boolean cold = mine <= threshold;
        if (cold != its <= threshold) {
            return cold;
        }
        if (cold) {
            return latencyNanos < other.latencyNanos || (latencyNanos == other.latencyNanos && mine < its);
        }
        return mine < its || (mine == its && latencyNanos < other.latencyNanos);
    }
}
