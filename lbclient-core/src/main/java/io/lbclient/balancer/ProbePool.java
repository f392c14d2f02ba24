package io.lbclient.balancer;

import io.lbclient.Candidate;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The last answers to probes: a few places that are filled, looked through and emptied without a lock. Two threads may
 * see one place change between two looks; then one of them uses an answer a little longer than it should.
 */
final class ProbePool {
    private final AtomicReferenceArray<@Nullable Probe> places;
    private final long maxAgeNanos;

    ProbePool(int size, long maxAgeNanos) {
        this.places = new AtomicReferenceArray<>(size);
        this.maxAgeNanos = maxAgeNanos;
    }

    /** Copies what is known of the servers that are left. */
    void takeOver(ProbePool former, Predicate<Candidate> left) {
        for (int i = 0; i < places.length(); i++) {
            Probe probe = former.places.get(i);
            places.set(i, probe != null && left.test(probe.server) ? probe : null);
        }
    }

    /** In the place of what the same server said before, or in an empty one, or in that of the oldest. */
    void add(Probe probe) {
        int place = 0;
        Probe there = places.get(0);
        for (int i = 0; i < places.length(); i++) {
            Probe next = places.get(i);
            if (next != null && next.server == probe.server) {
                place = i;
                there = next;
                break;
            }
            if (there != null && (next == null || next.asOf - there.asOf < 0)) {
                place = i;
                there = next;
            }
        }
        // Who loses the race leaves the place to an answer that is just as new.
        places.compareAndSet(place, there, probe);
    }

    boolean contains(Probe probe) {
        for (int i = 0; i < places.length(); i++) {
            if (places.get(i) == probe) {
                return true;
            }
        }
        return false;
    }

    /** The best answer by the hot-cold rule; null if there are fewer than two, for then there is no choice. */
    @Nullable Probe best(int threshold, long now) {
        Probe best = null;
        int found = 0;
        for (int i = 0; i < places.length(); i++) {
            Probe probe = places.get(i);
            if (probe == null) {
                continue;
            }
            if (probe.usedUp() || now - probe.asOf > maxAgeNanos) {
                places.compareAndSet(i, probe, null);
                continue;
            }
            found++;
            if (best == null || probe.betterThan(best, threshold)) {
                best = probe;
            }
        }
        return found < 2 ? null : best;
    }

    void removeOldest() {
        int oldest = -1;
        Probe there = null;
        for (int i = 0; i < places.length(); i++) {
            Probe probe = places.get(i);
            if (probe != null && (there == null || probe.asOf - there.asOf < 0)) {
                oldest = i;
                there = probe;
            }
        }
        remove(oldest, there);
    }

    /** The hot one with the most in flight, or if none is hot, the slowest. */
    void removeWorst(int threshold) {
        int worst = -1;
        Probe there = null;
        for (int i = 0; i < places.length(); i++) {
            Probe probe = places.get(i);
            if (probe != null && (there == null || there.betterThan(probe, threshold))) {
                worst = i;
                there = probe;
            }
        }
        remove(worst, there);
    }

    private void remove(int place, @Nullable Probe probe) {
        if (probe != null) {
            places.compareAndSet(place, probe, null);
        }
    }

    /** The median latency of the answers that know one; 0 if none does. */
    long medianLatency() {
        long[] latencies = new long[places.length()];
        int known = 0;
        for (int i = 0; i < latencies.length; i++) {
            Probe probe = places.get(i);
            if (probe != null && probe.latencyNanos > 0) {
                latencies[known++] = probe.latencyNanos;
            }
        }
        Arrays.sort(latencies, 0, known);
        return known == 0 ? 0 : latencies[known / 2];
    }

    int size() {
        int size = 0;
        for (int i = 0; i < places.length(); i++) {
            size += places.get(i) == null ? 0 : 1;
        }
        return size;
    }
}
