package io.lbclient.discovery;

import io.lbclient.Server;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slows down servers that leave and come back over and over. Guarded by the guard's lock.
 *
 * <p>Leaving and coming back once is free, as in a restart. From then on a server changes sides at most once in a window,
 * until it has been quiet for two. What is remembered is bounded: of too many servers that left, the earliest are
 * forgotten.
 */
final class Damping {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedDiscovery.class);
    private static final int REMEMBERED = 4_096;
    private static final int FREE = 2;

    private final String pool;
    private final long window;
    /** By id, in the order of the last flips. */
    private final Map<String, Flips> history = new LinkedHashMap<>();

    private long untilDue = Long.MAX_VALUE;

    private record Flips(int count, long last) {}

    Damping(String pool, long window) {
        this.pool = pool;
        this.window = window;
    }

    /** The list to be in force now: the present one, the same object, if nothing is to change. */
    List<Server> apply(List<Server> inForce, List<Server> wanted, long now) {
        untilDue = Long.MAX_VALUE;
        Difference change = Difference.between(inForce, wanted);
        if (change.isNone()) {
            return inForce;
        }
        if (window == 0) {
            return wanted;
        }
        forgetQuiet(now);
        List<Server> kept = new ArrayList<>();
        for (Server server : change.leaving()) {
            if (!flips(server, false, now)) {
                kept.add(server);
            }
        }
        Set<String> waiting = new HashSet<>();
        for (Server server : change.joining()) {
            if (!flips(server, true, now)) {
                waiting.add(server.id());
            }
        }
        return combined(inForce, wanted, kept, waiting);
    }

    private static List<Server> combined(
            List<Server> inForce, List<Server> wanted, List<Server> kept, Set<String> waiting) {
        if (kept.isEmpty() && waiting.isEmpty()) {
            return wanted;
        }
        List<Server> next = new ArrayList<>(wanted);
        next.removeIf(server -> waiting.contains(server.id()));
        next.addAll(kept);
        if (next.isEmpty()) {
            // A server that comes and goes is better than none.
            return wanted;
        }
        return next.equals(inForce) ? inForce : List.copyOf(next);
    }

    /** True if the server may change sides now, and then it does. */
    private boolean flips(Server server, boolean joins, long now) {
        Flips before = history.get(server.id());
        if (before == null) {
            if (!joins) {
                remember(server.id(), new Flips(1, now));
            }
            return true;
        }
        long left = before.count < FREE ? 0 : window - (now - before.last);
        if (left > 0) {
            untilDue = Math.min(untilDue, left);
            LOG.debug("{}: server {} comes and goes, so it {} for now", pool, server.id(), joins ? "waits" : "stays");
            return false;
        }
        if (before.count == FREE) {
            LOG.info("{}: server {} comes and goes; its changes are slowed down", pool, server.id());
        }
        history.remove(server.id());
        remember(server.id(), new Flips(before.count + 1, now));
        return true;
    }

    private void remember(String id, Flips flips) {
        history.put(id, flips);
        if (history.size() > REMEMBERED) {
            Iterator<String> oldest = history.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    private void forgetQuiet(long now) {
        Iterator<Flips> oldest = history.values().iterator();
        while (oldest.hasNext() && now - oldest.next().last >= 2 * window) {
            oldest.remove();
        }
    }

    /** How long until a server that was held back may change sides; {@code Long.MAX_VALUE} if none is. */
    long untilDue() {
        return untilDue;
    }
}
