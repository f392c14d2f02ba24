package io.lbclient;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The default strategy: picks the server with the least expected wait, of all if they are few, else of some that were good
 * and some at random.
 *
 * <p><b>The wait</b> is what an answer takes there ({@link AnswerLog#cost}) or the mean age of what has no answer yet, if
 * that is more, times a factor that grows with what is in flight ({@link Ledger#expectedWait}). All of it is this
 * client's own experience, so many clients do not run to the same server as they would after figures that they share.
 *
 * <p><b>Remembering.</b> What was picked lately was the best of its time, has been heard from since, and is in the near
 * caches: eight such servers and two random ones do better than ten and more of the best that were not picked. (After
 * Mitzenmacher, Prabhakar and Shah, "Load balancing with memory", FOCS 2002, who remember one.)
 *
 * <p><b>Taking turns.</b> Answer times vary, and the server that happened to be fastest would get everything while there
 * is little to do. So a server costs almost twice as much right after it was picked, and the less the longer it was not,
 * until it is its turn again: those that cost about the same are picked one after another.
 *
 * <p><b>Looking again.</b> A server that costs too much gets no requests, and without any, nothing would show that it has
 * recovered. {@link SecondLooks} sends it one now and then.
 */
final class AdaptivePicker implements Balancer.Picker {
    private static final int FRESH = 2;
    private static final int RECENT = 8;
    private static final int FEW = FRESH + RECENT;

    /**
     * Each thread remembers its own picks, or all of them would write to one place in memory at each pick; up to so many
     * threads, and a power of two.
     */
    private static final int STRIPES = 8;

    /** Twice as many as are remembered: no two threads then write to one line of a cache. */
    private static final int STRIPE = 32;

    /** How much more a server costs right after it was picked: 1 would be twice as much. */
    private static final double TURN_COST = 0.8;

    /** The pace of the turns is measured once in so many picks; a power of two. */
    private static final int MEASURE_EVERY = 16;

    /**
     * A client that sends so many requests a second or more trusts its averages. To a slower one a difference between
     * servers counts in part only, in proportion to its rate: its few answers differ by chance more than by what the
     * servers are like.
     */
    private static final double BUSY = 20;

    /** But a server that costs so many times more than the others does so not by chance. */
    private static final double NO_CHANCE = 3;

    /** How many servers a measurement looks at. */
    private static final int MEASURE = 8;

    /** How much a measurement moves the pace. */
    private static final double MEASURE_SHARE = 0.25;

    /** The lower bits of a key are the server's index, so that the least key is the index of the least cost. */
    private static final long INDEX = (1L << 24) - 1;

    private static final long STEP = 6364136223846793005L;
    private static final long ADD = 1442695040888963407L;

    private final ServerState[] servers;
    private final boolean weighted;
    /** How much lighter than the mean each one is: so much more does what it has in flight count, and the longer is its round; nothing if all are even. */
    private final double[] factors;

    private final SecondLooks secondLooks;
    // The picker's threads read and write what follows without order: a lost note costs a good look, or a little
    // fairness.
    private final int[] recent;
    /** Rounds of turns in a nanosecond; 0 before the first pick. */
    private double pace;
    /** What an answer typically takes, in nanoseconds, and which part of a difference to it counts. */
    private double peersNanos;

    private double trust = 1;
    /** Whether any server reports its load. */
    private boolean reports;

    AdaptivePicker(List<? extends Candidate> candidates, Balancer.@Nullable Picker previous) {
        Lineup lineup = new Lineup(candidates.size());
        candidates.forEach(candidate -> lineup.add((ServerState) candidate, candidate.weight()));
        // If all have weight 0, it means nothing.
        Lineup picked = lineup.weighted();
        servers = picked.servers();
        weighted = !picked.isEven();
        factors = weighted ? lighter(picked.weights()) : new double[0];
        secondLooks = new SecondLooks(servers, previous instanceof AdaptivePicker before ? before.secondLooks : null);
        recent = new int[servers.length <= FEW ? 0 : STRIPES * STRIPE];
    }

    /** Neither a sum of huge weights nor a quotient by a tiny one may become infinite: nothing times that is no number. */
    private static double[] lighter(double[] weights) {
        double heaviest = Arrays.stream(weights).max().orElse(0);
        double[] parts = Arrays.stream(weights)
                .map(weight -> Math.max(weight / heaviest, Double.MIN_NORMAL))
                .toArray();
        double mean = Arrays.stream(parts).average().orElse(1);
        return Arrays.stream(parts).map(part -> mean / part).toArray();
    }

    @Override
    public Candidate pick(PickContext context) {
        long bits = context.random().nextLong();
        long now = context.now();
        ServerState again = secondLooks.due(bits, now);
        if (again != null) {
            return again;
        }
        if (pace == 0) {
            start(bits);
        }
        if ((bits >>> 40) % MEASURE_EVERY == 0) {
            measurePace(drawn(bits), now);
        }
        int from = drawn(bits);
        return servers[servers.length <= FEW ? ofAll(now, from) : ofSome(bits, now, from)];
    }

    /** The first pick of each client looks at servers of its own. */
    private void start(long seed) {
        pace = Double.MIN_NORMAL;
        long bits = seed;
        for (int slot = 0; slot < recent.length; slot++) {
            bits = bits * STEP + ADD;
            recent[slot] = slot % STRIPE < RECENT ? drawn(bits) : 0;
        }
    }

    private int ofAll(long now, int from) {
        double turns = pace;
        if (!weighted && !reports && trust == 1) {
            return index(leastOfEven(servers, now, turns, from), from);
        }
        long best = Long.MAX_VALUE;
        for (int at = 0; at < servers.length; at++) {
            best = Math.min(best, key(at, now, turns, from));
        }
        return index(best, from);
    }

    /**
     * The least {@link #key} where no weight, no report and no distrust counts. A look reads what other threads write, so
     * after each one the compiler reads this object's fields anew: what they say is asked once here, and not ten times.
     */
    private static long leastOfEven(ServerState[] all, long now, double turns, int from) {
        long best = Long.MAX_VALUE;
        for (int at = 0; at < all.length; at++) {
            ServerState server = all[at];
            double waited = (now - server.lastPick()) * turns;
            best = Math.min(best, key(server.expectedWait(server.cost(), now), waited, distance(at, from, all.length)));
        }
        return best;
    }

    private int ofSome(long seed, long now, int from) {
        double turns = pace;
        int[] good = recent;
        int stripe = ((int) Thread.currentThread().getId() & (STRIPES - 1)) * STRIPE;
        long best = key(from, now, turns, from);
        long bits = seed;
        for (int i = 1; i < FRESH; i++) {
            bits = bits * STEP + ADD;
            best = Math.min(best, key(drawn(bits), now, turns, from));
        }
        for (int slot = stripe; slot < stripe + RECENT; slot++) {
            best = Math.min(best, key(good[slot], now, turns, from));
        }
        int picked = index(best, from);
        int oldest = good[stripe + RECENT];
        good[stripe + oldest] = picked;
        good[stripe + RECENT] = (oldest + 1) & (RECENT - 1);
        return picked;
    }

    private int index(long key, int from) {
        int at = (int) (key & INDEX) + from;
        return at < servers.length ? at : at - servers.length;
    }

    private int drawn(long bits) {
        return (int) (((bits >>> 32) * servers.length) >>> 32);
    }

    /**
     * Cost and index in one number, whose order is that of the costs: taking the least needs no branch. Indexes
     * count from another one at each pick, so that none of those that cost the same is preferred.
     */
    private long key(int at, long now, double turns, int from) {
        ServerState server = servers[at];
        double waited = (now - server.lastPick()) * turns;
        double answer = trusted(server.cost());
        if (reports) {
            answer *= server.foretoldFactor(now);
        }
        double wait;
        if (weighted) {
            waited /= factors[at];
            wait = server.expectedWait(answer, now, factors[at]);
        } else {
            wait = server.expectedWait(answer, now);
        }
        return key(wait, waited, distance(at, from, servers.length));
    }

    private static long key(double wait, double waited, int distance) {
        double cost = wait * (1 + TURN_COST * (waited < 1 ? 1 - waited : 0));
        return (Double.doubleToRawLongBits(cost) & ~INDEX) | distance;
    }

    private static int distance(int at, int from, int length) {
        return at >= from ? at - from : at - from + length;
    }

    private double trusted(double answer) {
        double peers = peersNanos;
        return trust == 1 || answer > NO_CHANCE * peers ? answer : peers + trust * (answer - peers);
    }

    /** If all take turns, the mean time since the last pick is half a round. */
    private void measurePace(int from, long now) {
        int looks = Math.min(MEASURE, servers.length);
        double ages = 0;
        for (int i = 0; i < looks; i++) {
            ServerState server = servers[(from + i) % servers.length];
            ages += Math.max(0, now - server.lastPick());
        }
        double fresh = Math.max(1, 2 * ages / looks);
        double round = pace == Double.MIN_NORMAL ? fresh : 1 / pace;
        pace = 1 / (round + MEASURE_SHARE * (fresh - round));
        peersNanos = SecondLooks.middleNanos(servers, from, looks);
        reports = servers[0].anyReports();
        trust = Math.min(1, servers.length * pace * 1e9 / BUSY);
    }
}
