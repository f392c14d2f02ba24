package io.lbclient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Each server's share of the recent picks, worked out from the counts that the path of a request keeps anyway.
 *
 * <p>Somebody who looks takes note of the counts, at most every 10 seconds, and is told what came since the note before
 * last: the picks of the last 10 to 20 seconds for whoever looks all the time, of the time between the looks for whoever
 * looks seldom. Two who look at once may take the same note twice, which changes nothing.
 */
final class PickShares {
    private static final long NOTE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private volatile Notes notes;

    PickShares(long now) {
        Note none = new Note(now, Map.of());
        notes = new Notes(none, none);
    }

    private record Note(long at, Map<ServerState, Long> picks) {}

    private record Notes(Note older, Note newer) {}

    /** The shares of these servers, 0 to 1, adding up to 1 unless there were no picks. */
    Map<ServerState, Double> of(List<ServerState> servers, long now) {
        Notes seen = notes;
        Map<ServerState, Long> picks = new HashMap<>();
        long total = 0;
        Map<ServerState, Long> recent = new HashMap<>();
        for (ServerState server : servers) {
            long count = server.picks();
            picks.put(server, count);
            long since = count - seen.older.picks.getOrDefault(server, 0L);
            recent.put(server, since);
            total += since;
        }
        if (now - seen.newer.at >= NOTE_EVERY_NANOS) {
            notes = new Notes(seen.newer, new Note(now, picks));
        }
        Map<ServerState, Double> shares = new HashMap<>();
        long all = Math.max(1, total);
        recent.forEach((server, count) -> shares.put(server, (double) count / all));
        return shares;
    }
}
