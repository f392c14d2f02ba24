package io.lbclient.discovery;

import io.lbclient.Server;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which list is believed: the last one that was not doubted, and beside it the one that is. Guarded by the guard's lock.
 *
 * <p>While a list is doubted, what is new in it is used, and what it lacks stays.
 */
final class Trust {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedDiscovery.class);

    private final String pool;
    private final double maxShrink;
    private final long shrinkAfter;
    private final long emptyAfter;
    private List<Server> trusted = List.of();
    /** From a file of an earlier run: any servers at all replace it. */
    private boolean provisional;

    private @Nullable List<Server> doubted;
    private long since;
    /** How many servers the doubted list had when the doubt began. */
    private int doubtedFrom;

    private int most;
    private int earlierMost;
    private long windowBegan;

    Trust(String pool, GuardRails rails) {
        this.pool = pool;
        this.maxShrink = rails.maxShrink;
        this.shrinkAfter = rails.shrinkAfter.toNanos();
        this.emptyAfter = rails.emptyAfter.toNanos();
    }

    void offer(List<Server> list, boolean authoritative, long now) {
        boolean replaces = trusted.isEmpty() || (provisional && !list.isEmpty());
        rotate(now);
        if (authoritative || replaces) {
            believe(list);
            startFrom(list, now);
            return;
        }
        // Against the most of the last while: a registry whose sessions expire empties one server at a time.
        if (!list.isEmpty() && list.size() >= Math.max(earlierMost, most) * (1 - maxShrink)) {
            believe(list);
            most = Math.max(most, list.size());
            return;
        }
        List<Server> before = doubted;
        // A list that goes on shrinking is not one that was found again.
        boolean another =
                before == null || before.isEmpty() != list.isEmpty() || list.size() < doubtedFrom * (1 - maxShrink);
        if (another) {
            since = now;
            doubtedFrom = list.size();
            LOG.warn(
                    "{}: the discovery names {} servers instead of {}: what is missing stays until the same is found"
                            + " in {} s",
                    pool,
                    list.size(),
                    trusted.size(),
                    patience(list) / 1_000_000_000L);
        }
        doubted = list;
        looked(now);
    }

    /** The source looked again and found the same. */
    void looked(long now) {
        List<Server> list = doubted;
        if (list != null && now - since >= patience(list)) {
            LOG.info("{}: {} servers instead of {} are confirmed", pool, list.size(), trusted.size());
            believe(list);
            startFrom(list, now);
        }
    }

    /** The most servers of one to two windows back are remembered. */
    private void rotate(long now) {
        if (now - windowBegan >= shrinkAfter) {
            earlierMost = now - windowBegan >= 2 * shrinkAfter ? trusted.size() : most;
            most = trusted.size();
            windowBegan = now;
        }
    }

    private void startFrom(List<Server> list, long now) {
        earlierMost = list.size();
        most = list.size();
        windowBegan = now;
    }

    private long patience(List<Server> list) {
        return list.isEmpty() ? emptyAfter : shrinkAfter;
    }

    private void believe(List<Server> list) {
        trusted = list;
        provisional = false;
        doubted = null;
    }

    /** A list of an earlier run, for as long as there is no other. */
    void provisional(List<Server> list) {
        trusted = list;
        provisional = true;
    }

    boolean isProvisional() {
        return provisional;
    }

    boolean isDoubting() {
        return doubted != null;
    }

    /** How long until a doubted list may be confirmed; {@code Long.MAX_VALUE} if none is doubted. */
    long untilConfirmation(long now) {
        return doubted == null ? Long.MAX_VALUE : patience(doubted) - (now - since);
    }

    List<Server> list() {
        if (doubted == null || doubted.isEmpty()) {
            return trusted;
        }
        Set<String> named = new HashSet<>();
        doubted.forEach(server -> named.add(server.id()));
        List<Server> all = new ArrayList<>(doubted);
        trusted.stream().filter(server -> !named.contains(server.id())).forEach(all::add);
        return List.copyOf(all);
    }
}
