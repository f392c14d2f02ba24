package io.lbclient.notify;

import io.lbclient.HealthChange;
import io.lbclient.PoolSnapshot;
import io.lbclient.Server;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns what pools say into news, and knows what is wrong at the moment.
 *
 * <p>It runs on the thread of the pool, before the queue, so that a dropped notice costs the notice and not the truth:
 * an alert whose end was dropped is still not repeated. The lock is held for a few map operations.
 */
final class Reporter {
    /** More alerts than this at once are a broken setup: the oldest are forgotten, and end when they are not repeated. */
    static final int MAX_STANDING = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Clock clock;
    private final Map<Alert.Key, Notice> standing = new LinkedHashMap<>();
    private final Map<String, Integer> outByPool = new HashMap<>();
    /** By pool: the server whose joining ended "no server", as long as no other one is known to be eligible. */
    private final Map<String, String> savedByJoining = new HashMap<>();
    /** By pool whose standby servers have stepped in: the tier on which its load was before. */
    private final Map<String, Integer> homeByPool = new HashMap<>();

    Reporter(Clock clock) {
        this.clock = clock;
    }

    List<Notice> healthChanged(HealthChange change) {
        if (change.from().eligible() == change.to().eligible()) {
            return List.of();
        }
        return locked(news -> {
            String pool = change.pool();
            Server server = change.server();
            if (change.to().eligible()) {
                Notice back = resolved(Kind.SERVER_BACK, pool, server, change, change.detail());
                // News even if its going out was before this listener's time.
                news.add(back != null ? back : fresh(Kind.SERVER_BACK, pool, server, change, change.detail()));
                savedByJoining.remove(pool);
                add(news, resolved(Kind.SERVER_AVAILABLE, pool, null, null, server.id() + " is back"));
            } else {
                add(news, fired(Kind.SERVER_OUT, pool, server, change, change.detail(), OptionalInt.empty()));
                // A server may join with a cause already raised: then the pool never had anything to say about it.
                if (savedByJoining.remove(pool, server.id())) {
                    String why = server.id() + " joined, and is out";
                    add(news, fired(Kind.NO_SERVER, pool, null, null, why, OptionalInt.empty()));
                }
            }
        });
    }

    List<Notice> added(String pool, Server server) {
        return locked(news -> {
            Notice saved = resolved(Kind.SERVER_AVAILABLE, pool, null, null, server.id() + " joined");
            if (saved != null) {
                news.add(saved);
                savedByJoining.put(pool, server.id());
            }
        });
    }

    List<Notice> removed(String pool, Server server) {
        return locked(news -> {
            savedByJoining.remove(pool, server.id());
            add(news, resolved(Kind.SERVER_REMOVED, pool, server, null, ""));
        });
    }

    List<Notice> noneEligible(PoolSnapshot snapshot) {
        int servers = snapshot.servers().size();
        String detail = "none of " + servers + " servers is eligible";
        return poolWide(Kind.NO_SERVER, snapshot.pool(), OptionalInt.of(servers), detail);
    }

    List<Notice> panicChanged(PoolSnapshot snapshot, Set<Integer> tiers) {
        OptionalInt servers = OptionalInt.of(snapshot.servers().size());
        return tiers.isEmpty()
                ? poolWide(Kind.PANIC_OVER, snapshot.pool(), servers, "")
                : poolWide(Kind.PANIC, snapshot.pool(), servers, Words.panic(snapshot, tiers));
    }

    /**
     * The load is at home on the first tier that had any when it moved: as long as a later one has some, its servers
     * have stepped in.
     */
    List<Notice> failedOver(String pool, Map<Integer, Integer> before, Map<Integer, Integer> after) {
        if (before.isEmpty() || after.isEmpty()) {
            return List.of();
        }
        return locked(news -> {
            int home = homeByPool.getOrDefault(pool, Collections.min(before.keySet()));
            String detail = Words.load(before, after);
            if (Collections.max(after.keySet()) > home) {
                homeByPool.put(pool, home);
                report(news, Kind.FAILED_OVER, pool, OptionalInt.empty(), detail);
            } else {
                homeByPool.remove(pool);
                report(news, Kind.FAILED_BACK, pool, OptionalInt.empty(), detail);
            }
        });
    }

    /** What a pool says of itself as a whole: news if it fires what does not stand yet, or resolves what stands. */
    private List<Notice> poolWide(Kind kind, String pool, OptionalInt servers, String detail) {
        return locked(news -> report(news, kind, pool, servers, detail));
    }

    private void report(List<Notice> news, Kind kind, String pool, OptionalInt servers, String detail) {
        if (kind.fires()) {
            // What stands is no news, but if it is repeated, then as it is now.
            standing.computeIfPresent(Alert.key(kind, pool, null), (key, stands) -> stands.withDetail(detail));
            add(news, fired(kind, pool, null, null, detail, servers));
        } else {
            add(news, resolved(kind, pool, null, null, detail));
        }
    }

    /** The notices that fired what is still wrong, oldest first. */
    List<Notice> standing() {
        lock.lock();
        try {
            return List.copyOf(standing.values());
        } finally {
            lock.unlock();
        }
    }

    private List<Notice> locked(Consumer<List<Notice>> report) {
        List<Notice> news = new ArrayList<>(2);
        lock.lock();
        try {
            report.accept(news);
        } finally {
            lock.unlock();
        }
        return news;
    }

    private static void add(List<Notice> news, @Nullable Notice notice) {
        if (notice != null) {
            news.add(notice);
        }
    }

    /** Null if the alert stands already. */
    private @Nullable Notice fired(
            Kind kind,
            String pool,
            @Nullable Server server,
            @Nullable HealthChange change,
            String detail,
            OptionalInt servers) {
        Alert.Key key = Alert.key(kind, pool, server);
        if (standing.containsKey(key)) {
            return null;
        }
        if (standing.size() == MAX_STANDING) {
            Alert.Key oldest = standing.keySet().iterator().next();
            standing.remove(oldest);
            countOut(oldest, -1);
        }
        countOut(key, 1);
        Instant now = now();
        String state = change == null ? kind.name() : change.to().name();
        Notice notice =
                new Notice(kind, new Alert(key, server, state, now), change, detail, now, counts(pool, servers));
        standing.put(key, notice);
        return notice;
    }

    /** Null if the alert does not stand. */
    private @Nullable Notice resolved(
            Kind kind, String pool, @Nullable Server server, @Nullable HealthChange change, String detail) {
        Alert.Key key = Alert.key(kind, pool, server);
        Notice fired = standing.remove(key);
        if (fired == null) {
            return null;
        }
        countOut(key, -1);
        return new Notice(kind, fired.alert(), change, detail, now(), counts(pool, OptionalInt.empty()));
    }

    private Notice fresh(Kind kind, String pool, Server server, HealthChange change, String detail) {
        Instant now = now();
        Alert alert =
                new Alert(Alert.key(kind, pool, server), server, change.from().name(), now);
        return new Notice(kind, alert, change, detail, now, counts(pool, OptionalInt.empty()));
    }

    private void countOut(Alert.Key key, int difference) {
        if (!key.server().isEmpty()) {
            outByPool.merge(key.pool(), difference, (a, b) -> a + b == 0 ? null : a + b);
        }
    }

    private Counts counts(String pool, OptionalInt servers) {
        return new Counts(outByPool.getOrDefault(pool, 0), servers, 1, 0);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
