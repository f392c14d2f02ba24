package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.PickContext;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's schedule for servers of different weights: each has a deadline, the earliest is picked, and its next one is
 * later by the inverse of its weight as it is then. Of equal deadlines the one that was set first is the earliest.
 *
 * <p>Envoy keeps a heap for each of its threads. Threads in common would need a lock for it, so here the deadlines are
 * looked at one by one, and the earliest is claimed by moving it.
 */
final class EarliestDeadlineFirst implements Balancer.Picker {
    /** So often a pick tries to claim a deadline while other threads take them; after that it goes without a claim. */
    private static final int CLAIMS = 32;
    /** So many turns of its own a busy server waits at most: a great bias would keep it waiting when it is long idle. */
    private static final double MOST_TURNS = 1 << 16;
    /** The deadline of a server whose first is still to be drawn. */
    private static final long NOT_DRAWN = Double.doubleToLongBits(Double.NaN);

    private final Candidate[] servers;
    private final double[] weights;
    private final double bias;
    private final AtomicLongArray deadlines;
    /** When each deadline was set, as a number that grows. */
    private final AtomicLongArray order;

    private final AtomicLong setSoFar;
    /** Where the first deadlines are drawn from; 0 until the first pick. */
    private final AtomicLong seed;

    private EarliestDeadlineFirst(Members members, double bias, AtomicLong setSoFar, AtomicLong seed) {
        this.servers = members.servers;
        this.weights = members.weights;
        this.bias = bias;
        this.setSoFar = setSoFar;
        this.seed = seed;
        this.deadlines = new AtomicLongArray(servers.length);
        this.order = new AtomicLongArray(servers.length);
        for (int i = 0; i < servers.length; i++) {
            deadlines.set(i, NOT_DRAWN);
            order.set(i, setSoFar.getAndIncrement());
        }
    }

    /** Begins at a random place for each client, or goes on where the previous picker was. */
    static Balancer biasedBy(double bias) {
        return (List<? extends Candidate> candidates, Balancer.@Nullable Picker previous) -> {
            Members members = Members.of(candidates);
            if (previous instanceof EarliestDeadlineFirst before) {
                EarliestDeadlineFirst next = new EarliestDeadlineFirst(members, bias, before.setSoFar, before.seed);
                if (before.seed.get() != 0) {
                    next.goOnFrom(before);
                }
                return next;
            }
            return new EarliestDeadlineFirst(members, bias, new AtomicLong(), new AtomicLong());
        };
    }

    /** At the very beginning, where all begin in Envoy, for tests. */
    static EarliestDeadlineFirst fromTheStart(List<? extends Candidate> candidates, double bias) {
        EarliestDeadlineFirst picker =
                new EarliestDeadlineFirst(Members.of(candidates), bias, new AtomicLong(), new AtomicLong(1));
        for (int i = 0; i < picker.servers.length; i++) {
            picker.deadlines.set(i, Double.doubleToLongBits(1 / picker.weights[i]));
        }
        return picker;
    }

    /**
     * Those that stay keep their deadlines; one that is new has waited for nothing yet. Time begins anew, at 0, and in
     * units of the weights as they are now.
     */
    private void goOnFrom(EarliestDeadlineFirst before) {
        IdentityHashMap<Candidate, Integer> places = new IdentityHashMap<>();
        double now = Double.POSITIVE_INFINITY;
        for (int i = 0; i < before.servers.length; i++) {
            places.put(before.servers[i], i);
            now = Math.min(now, before.deadline(before.deadlines.get(i), i));
        }
        double weighed = 0;
        double weighing = 0;
        for (int i = 0; i < servers.length; i++) {
            Integer place = places.get(servers[i]);
            if (place != null) {
                weighed += before.weights[place];
                weighing += weights[i];
            }
        }
        for (int i = 0; i < servers.length; i++) {
            Integer place = places.get(servers[i]);
            double wait = 1 / weights[i];
            if (place != null) {
                wait = (before.deadline(before.deadlines.get(place), place) - now) * (weighed / weighing);
                order.set(i, before.order.get(place));
            }
            deadlines.set(i, Double.doubleToLongBits(wait));
        }
    }

    @Override
    public Candidate pick(PickContext context) {
        if (seed.get() == 0) {
            seed.compareAndSet(0, context.random().nextLong() | 1);
        }
        for (int i = 0; i < CLAIMS; i++) {
            int at = earliest();
            // Where another thread was faster this is its next deadline already. Whoever moves it pays for the turn.
            long seen = deadlines.get(at);
            double next = deadline(seen, at) + wait(at);
            if (deadlines.compareAndSet(at, seen, Double.doubleToLongBits(next))) {
                order.set(at, setSoFar.getAndIncrement());
                return servers[at];
            }
        }
        return servers[earliest()];
    }

    private int earliest() {
        int best = 0;
        double least = deadline(deadlines.get(0), 0);
        for (int i = 1; i < servers.length; i++) {
            double next = deadline(deadlines.get(i), i);
            if (next < least || (next == least && order.get(i) < order.get(best))) {
                best = i;
                least = next;
            }
        }
        return best;
    }

    private double deadline(long bits, int server) {
        return bits == NOT_DRAWN
                // Anywhere in its first turn, or clients that start together would all begin with the same server.
                ? (1 - Draw.unit(Draw.bits(seed.get(), server))) / weights[server]
                : Double.longBitsToDouble(bits);
    }

    private double wait(int server) {
        double turn = 1 / weights[server];
        double wait = 1 / effectiveWeight(weights[server], servers[server].inFlight(), bias);
        return Math.min(wait, turn * MOST_TURNS);
    }

    /** What Envoy's least request makes of a weight. */
    static double effectiveWeight(double weight, int inFlight, double bias) {
        return bias == 0 || inFlight == 0
                ? weight
                : weight / (bias == 1 ? inFlight + 1.0 : Math.pow(inFlight + 1.0, bias));
    }
}
