package io.lbclient;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.ToLongFunction;

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
            median(eligible, state -> state.latencyNanos(now))
                    .ifPresent(median -> arrived.forEach(state -> state.seedLatency(median, now)));
            median(eligible, state -> state.typicalLatencyNanos(now))
                    .ifPresent(median -> arrived.forEach(state -> state.seedTypicalLatency(median, now)));
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
     * The median of those that were eligible before. A server without samples, or whose samples faded while it got no
     * traffic, would look infinitely fast and be flooded until its first answer: it starts as if it were like the
     * others.
     */
    private OptionalLong median(List<ServerState> eligible, ToLongFunction<ServerState> figure) {
        long[] known = eligible.stream()
                .filter(eligibleBefore::contains)
                .mapToLong(figure)
                .filter(value -> value > 0)
                .sorted()
                .toArray();
        return known.length == 0 ? OptionalLong.empty() : OptionalLong.of(known[known.length / 2]);
    }
}
