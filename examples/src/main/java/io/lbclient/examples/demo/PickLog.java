package io.lbclient.examples.demo;

import io.lbclient.PoolSnapshot;
import io.lbclient.ServerSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.DoublePredicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How many picks each server had, read from the pool every few milliseconds, and from that: shares over any window.
 *
 * <p>A pick is one attempt at one server, so a request that is sent to a second server counts for both. The counts are
 * the pool's own and exact; only the moments are as coarse as the readings.
 */
final class PickLog {
    /**
     * The pool at one moment.
     *
     * @param atNanos when it was read
     * @param requests how many requests had reached lbclient by then
     * @param pool the pool
     */
    record Reading(long atNanos, long requests, PoolSnapshot pool) {
        @Nullable ServerSnapshot find(String server) {
            return pool.servers().stream()
                    .filter(s -> s.server().id().equals(server))
                    .findFirst()
                    .orElse(null);
        }

        private long sum(ToLongFunction<ServerSnapshot> figure) {
            return pool.servers().stream().mapToLong(figure).sum();
        }
    }

    /** A share is under a limit, or nearly all, if it is so over a window of this length. */
    private static final long FALL_WINDOW = TimeUnit.MILLISECONDS.toNanos(250);

    /**
     * A server is back if it is so over a window of this length: a longer one, or the first lucky moment of a server that
     * still gets half of its share would count.
     */
    private static final long RISE_WINDOW = TimeUnit.SECONDS.toNanos(1);

    private final List<Reading> readings = new ArrayList<>();

    /** Readings come in the order of their times. */
    void add(Reading reading) {
        readings.add(reading);
    }

    /** The picks of one server from a time on, up to another. */
    long picks(String server, long from, long to) {
        return between(from, to, reading -> {
            ServerSnapshot found = reading.find(server);
            return found == null ? 0 : found.picks();
        });
    }

    /** The picks of all servers. */
    long picks(long from, long to) {
        return between(from, to, reading -> reading.sum(ServerSnapshot::picks));
    }

    /** The attempts at one server that lbclient counted as failures. */
    long failures(String server, long from, long to) {
        return between(from, to, reading -> {
            ServerSnapshot found = reading.find(server);
            return found == null ? 0 : found.failures();
        });
    }

    /** The attempts that were not the first of their request. */
    long retries(long from, long to) {
        return Math.max(0, between(from, to, reading -> reading.sum(ServerSnapshot::picks) - reading.requests()));
    }

    /** One server's part of all picks, 0 to 1; NaN if there were none. */
    double share(String server, long from, long to) {
        return share(List.of(server), from, to);
    }

    private double share(List<String> servers, long from, long to) {
        long picked =
                servers.stream().mapToLong(server -> picks(server, from, to)).sum();
        return (double) picked / picks(from, to);
    }

    /** How long after a time the share of several servers together was first under 1 %. */
    OptionalLong gone(List<String> servers, long from, long to) {
        return first(servers, from, to, FALL_WINDOW, share -> share < 0.01);
    }

    /** How long after a time the share was first under 10 %. */
    OptionalLong shunned(String server, long from, long to) {
        return first(List.of(server), from, to, FALL_WINDOW, share -> share < 0.10);
    }

    /** How long after a time several servers together first had 99 %. */
    OptionalLong all(List<String> servers, long from, long to) {
        return first(servers, from, to, FALL_WINDOW, share -> share >= 0.99);
    }

    /** How long after a time the share was first at 80 % of what is fair. */
    OptionalLong back(String server, long from, long to, double fair) {
        return first(List.of(server), from, to, RISE_WINDOW, share -> share >= 0.80 * fair);
    }

    /** How long after a time nothing was in flight to a server. */
    OptionalLong firstIdle(String server, long from, long to) {
        for (Reading reading : readings) {
            if (reading.atNanos() >= from && reading.atNanos() < to) {
                ServerSnapshot found = reading.find(server);
                if (found == null || found.inFlight() == 0) {
                    return OptionalLong.of(reading.atNanos() - from);
                }
            }
        }
        return OptionalLong.empty();
    }

    private OptionalLong first(List<String> servers, long from, long to, long window, DoublePredicate wanted) {
        for (int i = Math.max(0, indexAt(from)); i < readings.size(); i++) {
            long begin = readings.get(i).atNanos();
            if (begin + window > to) {
                break;
            }
            if (wanted.test(share(servers, begin, begin + window))) {
                return OptionalLong.of(Math.max(0, begin - from));
            }
        }
        return OptionalLong.empty();
    }

    private long between(long from, long to, ToLongFunction<Reading> figure) {
        int first = indexAt(from);
        int last = indexAt(to);
        if (last < 0) {
            return 0;
        }
        // The first reading stands for the beginning: what was before it is not part of the story.
        return figure.applyAsLong(readings.get(last)) - figure.applyAsLong(readings.get(Math.max(0, first)));
    }

    /** The last reading that is not after a time, or -1. */
    private int indexAt(long time) {
        int low = 0;
        int high = readings.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (readings.get(middle).atNanos() <= time) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }
}
