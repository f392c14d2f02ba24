package io.lbclient.balancer;

import io.lbclient.Candidate;
import java.util.Arrays;
import java.util.List;

/**
 * The servers that a picker chooses from, and what their weights mean, for every strategy the same: weight 0 means no
 * traffic, unless all weights are 0, which is the same as all equal.
 *
 * <p>Weights are kept as shares of the greatest one, so that neither a sum nor a quotient of them overflows, however
 * huge or tiny they are. A share too small for a double's full precision (1e-308 of the greatest) counts as none.
 */
final class Weights {
    /** At least one. */
    final Candidate[] servers;
    /** Greater than 0 and at most 1; the greatest is exactly 1. In the order of the servers. */
    final double[] shares;
    /** Whether all shares are 1. */
    final boolean equal;

    private Weights(Candidate[] servers, double[] shares) {
        this.servers = servers;
        this.shares = shares;
        this.equal = Arrays.stream(shares).allMatch(share -> share == 1.0);
    }

    static Weights of(List<? extends Candidate> candidates) {
        Candidate[] all = candidates.toArray(Candidate[]::new);
        double[] weights = new double[all.length];
        for (int i = 0; i < all.length; i++) {
            weights[i] = all[i].weight();
        }
        double[] shares = shares(weights);
        int count = 0;
        for (int i = 0; i < all.length; i++) {
            if (shares[i] > 0) {
                all[count] = all[i];
                shares[count++] = shares[i];
            }
        }
        return new Weights(Arrays.copyOf(all, count), Arrays.copyOf(shares, count));
    }

    /** Each weight as a share of the greatest; all 1 if no weight is greater than 0. What is not a weight counts as 0. */
    static double[] shares(double[] weights) {
        double greatest = 0;
        double[] shares = new double[weights.length];
        for (int i = 0; i < weights.length; i++) {
            // Candidates promise finite weights, but one NaN here would poison the shares of all the others.
            shares[i] = weights[i] > 0 ? Math.min(weights[i], Double.MAX_VALUE) : 0;
            greatest = Math.max(greatest, shares[i]);
        }
        for (int i = 0; i < weights.length; i++) {
            double share = greatest == 0 ? 1 : shares[i] / greatest;
            shares[i] = share < Double.MIN_NORMAL ? 0 : share;
        }
        return shares;
    }

    int count() {
        return servers.length;
    }
}
