package io.lbclient;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/** Who became eligible since the last look, and what latency they start from. Guarded by the publishing lock. */
final class Arrivals {
    /**
     * The median is that of so many servers at most, evenly spread over the list. Of ten thousand it is near enough, and
     * each change of such a list would otherwise have to sort them all, twice.
     */
    private static final int SAMPLE = 256;

    private int eligibleBefore;
    private boolean exhausted;

    /** Returns the servers that became eligible, each started with the latency of those that were so before. */
    List<ServerState> look(List<ServerState> all, long now) {
        List<ServerState> arrived = new ArrayList<>();
        int eligible = 0;
        for (ServerState state : all) {
            if (state.see()) {
                arrived.add(state);
            }
            if (state.seenEligible()) {
                eligible++;
            }
        }
        if (!arrived.isEmpty()) {
            seed(arrived, known(all, eligible - arrived.size()), now);
        }
        exhausted = eligible == 0 && eligibleBefore > 0;
        eligibleBefore = eligible;
        return arrived;
    }

    /** Whether the last look found nothing eligible where there was something before. */
    boolean exhausted() {
        return exhausted;
    }

    /** Some of those that were eligible before, or all if they are few. */
    private static List<ServerState> known(List<ServerState> all, int count) {
        int stride = Math.max(1, (count + SAMPLE - 1) / SAMPLE);
        List<ServerState> known = new ArrayList<>();
        int number = 0;
        for (ServerState state : all) {
            if (state.seenEligible() && !state.arrived() && number++ % stride == 0) {
                known.add(state);
            }
        }
        return known;
    }

    private static void seed(List<ServerState> arrived, List<ServerState> known, long now) {
        arrived.forEach(state -> state.forgetFailures(now));
        median(known, state -> state.latencyNanos(now))
                .ifPresent(median -> arrived.forEach(state -> state.seedLatency(median, now)));
        // As it stood and not faded: that is what the costs of the others are made of.
        median(known, state -> (long) state.lastTypicalNanos())
                .ifPresent(median -> arrived.forEach(state -> state.seedTypicalLatency(median, now)));
    }

    /**
     * A server without samples, or whose samples faded while it got no traffic, would look infinitely fast and be
     * flooded until its first answer: it starts as if it were like the others.
     */
    private static OptionalLong median(List<ServerState> known, ToLongFunction<ServerState> figure) {
        long[] values = new long[known.size()];
        int count = 0;
        for (ServerState state : known) {
            long value = figure.applyAsLong(state);
            if (value > 0) {
                values[count++] = value;
            }
        }
        Arrays.sort(values, 0, count);
        return count == 0 ? OptionalLong.empty() : OptionalLong.of(values[count / 2]);
    }
}
