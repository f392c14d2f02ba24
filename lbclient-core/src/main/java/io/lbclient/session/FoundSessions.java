package io.lbclient.session;

import io.lbclient.Affinity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the stores said of a request before its pick. */
final class FoundSessions implements Affinity.LookedUp {
    private final List<Found> all;

    private record Found(
            MemoryTie tie, @Nullable String key, @Nullable String server) {}

    private FoundSessions(List<Found> all) {
        this.all = all;
    }

    /** Waits for the answers. */
    static FoundSessions of(List<Tie.LookUp> begun) {
        return new FoundSessions(begun.stream()
                .map(each -> new Found(each.tie(), each.key(), each.answer().get()))
                .toList());
    }

    /** Never waits: a key that the request did not have when it was looked up is known here, or not at all. */
    @Nullable String of(MemoryTie tie, String key) {
        for (Found found : all) {
            if (found.tie == tie && key.equals(found.key)) {
                return found.server;
            }
        }
        return tie.known(key);
    }
}
