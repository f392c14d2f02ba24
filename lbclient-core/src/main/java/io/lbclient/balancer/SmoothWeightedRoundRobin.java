package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * See {@link Balancers#weightedRoundRobin()}.
 *
 * <p>The order of nginx depends on what was picked before, so computing it at each pick needs a lock. But it repeats
 * after as many picks as the weights add up to: that one period is written into a table when the picker is made, and a
 * pick takes the next entry, without a lock and in the exact order. Where the table would be too long, or too slow to
 * write, the picks go by {@link StaticStride} instead.
 */
final class SmoothWeightedRoundRobin implements Balancer {
    /** The longest table: 64 kB. */
    private static final int MAX_PERIOD = 1 << 14;

    /** The most steps to write a table, which are its length times the number of servers: a few milliseconds. */
    private static final int MAX_STEPS = 1 << 22;

    /** How far, in relation, a weight may be from a multiple of the unit: decimal fractions are not exact in binary. */
    private static final double TOLERANCE = 1e-9;

    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        Weights weights = Weights.of(candidates);
        if (weights.equal) {
            return Turns.inOrder(weights.servers, previous);
        }
        int[] whole = wholeNumbers(weights.shares);
        if (whole.length == 0) {
            return StaticStride.exact(weights, Sequenced.positionAfter(previous));
        }
        int[] order = period(whole);
        Candidate[] table = new Candidate[order.length];
        for (int i = 0; i < table.length; i++) {
            table[i] = weights.servers[order[i]];
        }
        return Turns.through(table, previous);
    }

    /** The smallest whole numbers that stand in the same relation; none if their sum would be too great. */
    static int[] wholeNumbers(double[] shares) {
        int longest = Math.min(MAX_PERIOD, MAX_STEPS / shares.length);
        double least = 1;
        double sum = 0;
        for (double share : shares) {
            least = Math.min(least, share);
            sum += share;
        }
        double ratio = sum / least;
        for (int times = 1; times * ratio <= longest + 0.5; times++) {
            int[] whole = multiples(shares, least / times);
            if (whole.length > 0) {
                return whole;
            }
        }
        return new int[0];
    }

    private static int[] multiples(double[] shares, double unit) {
        for (double share : shares) {
            double quotient = share / unit;
            if (Math.abs(quotient - Math.rint(quotient)) > TOLERANCE * quotient) {
                return new int[0];
            }
        }
        int[] whole = new int[shares.length];
        for (int i = 0; i < whole.length; i++) {
            whole[i] = (int) Math.rint(shares[i] / unit);
        }
        return whole;
    }

    /** One period of the smooth order, as nginx computes it, in indexes of the weights. */
    static int[] period(int[] weights) {
        int total = 0;
        for (int weight : weights) {
            total += weight;
        }
        int[] current = new int[weights.length];
        int[] order = new int[total];
        for (int turn = 0; turn < total; turn++) {
            int best = 0;
            for (int i = 0; i < weights.length; i++) {
                current[i] += weights[i];
                // Strictly greater: of equals the first one goes first.
                if (current[i] > current[best]) {
                    best = i;
                }
            }
            current[best] -= total;
            order[turn] = best;
        }
        return order;
    }
}
