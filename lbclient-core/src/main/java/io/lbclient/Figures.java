package io.lbclient;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a pool's snapshot shows besides what each server knows of itself. */
final class Figures {
    private final PickShares shares;
    private volatile Supplier<@Nullable Duration> listAge = () -> null;

    Figures(long now) {
        shares = new PickShares(now);
    }

    /** Sets who knows how old the list is. */
    void listAge(Supplier<@Nullable Duration> source) {
        listAge = source;
    }

    PoolSnapshot snapshot(String pool, List<ServerState> servers, long now) {
        Map<ServerState, Double> recent = shares.of(servers, now);
        return new PoolSnapshot(
                pool,
                servers.stream()
                        .map(server -> server.snapshot(now, recent.getOrDefault(server, 0.0)))
                        .toList(),
                listAge.get());
    }
}
