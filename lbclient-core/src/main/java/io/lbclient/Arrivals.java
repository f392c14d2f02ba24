package io.lbclient;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Who became eligible since the last look, and what latency they start from. Guarded by the publishing lock. */
final class Arrivals {
    private Set<ServerState> eligibleBefore = Set.of();
    private boolean exhausted;

    /** Returns the servers that became eligible, each started with the latency of those that were so before. */
    List<ServerState> look(List<ServerState> all, long now) {
        all.forEach(ServerState::see);
        List<ServerState> eligible =
                all.stream().filter(s -> s.seen().eligible()).toList();
        List<ServerState> arrived =
                eligible.stream().filter(s -> !eligibleBefore.contains(s)).toList();
        if (!arrived.isEmpty()) {
            arrived.forEach(ServerState::forgetFailures);
            seed(arrived, eligible, now);
        }
        exhausted = eligible.isEmpty() && !eligibleBefore.isEmpty();
        eligibleBefore = new HashSet<>(eligible);
        return arrived;
    }

    /** Whether the last look found nothing eligible where there was something before. */
    boolean exhausted() {
        return exhausted;
    }

    /**
     * A server without samples, or whose samples faded while it got no traffic, would look infinitely fast and be
     * flooded until its first answer: it starts as if it were like the others.
     */
    private void seed(List<ServerState> arrived, List<ServerState> eligible, long now) {
        long[] known = eligible.stream()
                .filter(eligibleBefore::contains)
                .mapToLong(state -> state.latencyNanos(now))
                .filter(latency -> latency > 0)
                .toArray();
        if (known.length > 0) {
            Arrays.sort(known);
            long median = known[known.length / 2];
            arrived.forEach(state -> state.seedLatency(median, now));
        }
    }
}
