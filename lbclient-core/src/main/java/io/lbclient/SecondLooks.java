package io.lbclient;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request now and then to a server that the default strategy shuns, for only an answer can show that it has
 * recovered.
 *
 * <p>What this may cost follows the client's own rate: one request of 150, or one in 5 seconds if that is more. A server
 * that has anything in flight will show how it does without another request, and one that answered lately has shown it.
 * A server that costs only somewhat more than its peers gets no request: what it is thought to take moves towards theirs.
 */
final class SecondLooks {
    /** One pick of so many looks whether there is a server to look at again. */
    private static final int OF_PICKS = 150;

    /** And so does the first pick after so long without one. */
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** If there was none, the first pick after so long looks again. */
    private static final long IN_VAIN_NANOS = EVERY_NANOS / 10;

    /** A server that answered within this time has shown how it does. */
    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** A server that costs so many times more than its peers is shunned; what costs less comes to its turn by itself. */
    private static final double SHUNNED = 3;

    /** Of so many servers at most, or the one pick that looks would take much longer than others. */
    private static final int SCAN = 128;

    /** The product of so many times in nanoseconds is a number that a double can hold. */
    private static final int PRODUCT = 16;

    private final ServerState[] servers;
    /** A reading of the ticker, whose origin is arbitrary: so it begins with one. */
    private final AtomicLong next;

    /** A list that changes often must not look again at each change, so the plan is that of the list before. */
    SecondLooks(ServerState[] servers, @Nullable SecondLooks before) {
        this.servers = servers;
        long joined = servers.length == 0 ? 0 : servers[0].lastPick();
        this.next = new AtomicLong(before == null ? joined + EVERY_NANOS : before.next.get());
    }

    /** The server that this pick is to go to, or null if it is an ordinary one. */
    @Nullable ServerState due(long bits, long now) {
        long planned = next.get();
        boolean overdue = planned - now <= 0;
        if (!overdue && ((bits & 0xffff_ffffL) * OF_PICKS) >>> 32 != 0) {
            return null;
        }
        long after = now + EVERY_NANOS;
        if (servers.length < 2 || !next.compareAndSet(planned, after)) {
            return null;
        }
        ServerState found = longestSilent((int) (((bits >>> 32) * servers.length) >>> 32), now, overdue);
        if (found == null) {
            next.compareAndSet(after, overdue ? now + IN_VAIN_NANOS : planned);
        }
        return found;
    }

    private @Nullable ServerState longestSilent(int from, long now, boolean forgiving) {
        int looks = Math.min(servers.length, SCAN);
        double peers = peersNanos(from, looks);
        if (peers == 0) {
            return null;
        }
        ServerState found = null;
        long longest = SILENT_NANOS;
        for (int i = 0; i < looks; i++) {
            ServerState server = servers[(from + i) % servers.length];
            long silent = server.silentNanos(now);
            if (silent <= SILENT_NANOS || server.inFlight() > 0) {
                continue;
            }
            if (server.cost() < SHUNNED * peers) {
                if (forgiving) {
                    server.forgive(peers, now);
                }
            } else if (silent > longest) {
                longest = silent;
                found = server;
            }
        }
        if (found != null) {
            found.lookAgain(peers);
        }
        return found;
    }

    /**
     * The mean of those that are not shunned: of those that are near the geometric mean, which a few slow ones hardly move.
     * Those that have never answered have no say.
     */
    private double peersNanos(int from, int looks) {
        double middle = middleNanos(servers, from, looks);
        double sum = 0;
        int near = 0;
        for (int i = 0; i < looks; i++) {
            double typical = servers[(from + i) % servers.length].lastTypicalNanos();
            if (typical > 0 && typical < SHUNNED * middle) {
                sum += typical;
                near++;
            }
        }
        return near == 0 ? middle : sum / near;
    }

    /** The geometric mean of what answers take at so many servers, in nanoseconds; 0 if none has answered. */
    static double middleNanos(ServerState[] servers, int from, int looks) {
        double logs = 0;
        double product = 1;
        int known = 0;
        for (int i = 0; i < looks; i++) {
            int at = from + i;
            double typical = servers[at < servers.length ? at : at - servers.length].lastTypicalNanos();
            if (typical > 0) {
                product *= typical;
                // The logarithm of a product of this many costs one, and not as many; nanoseconds are less than 2^63.
                if (++known % PRODUCT == 0) {
                    logs += Math.log(product);
                    product = 1;
                }
            }
        }
        return known == 0 ? 0 : Math.exp((logs + Math.log(product)) / known);
    }
}
