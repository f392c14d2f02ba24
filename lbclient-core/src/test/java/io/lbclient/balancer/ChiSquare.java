package io.lbclient.balancer;

/** Pearson's test of whether counts come from the shares they are said to. */
final class ChiSquare {
    /** The quantile of the normal distribution that leaves one in a thousand above it. */
    private static final double Z = 3.0902;

    private ChiSquare() {}

    /** The statistic over its critical value at p = 0.001 (Wilson and Hilferty's approximation): up to 1 is accepted. */
    static double ofCritical(int[] counts, double[] shares) {
        double total = 0;
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            total += counts[i];
            sum += shares[i];
        }
        double statistic = 0;
        int cells = 0;
        for (int i = 0; i < counts.length; i++) {
            double expected = total * shares[i] / sum;
            if (expected < 1e-6) {
                // A share of nothing is no cell; what lands there all the same counts in full.
                statistic += counts[i] == 0 ? 0 : Double.POSITIVE_INFINITY;
            } else {
                statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
                cells++;
            }
        }
        if (cells == 1) {
            return statistic;
        }
        double freedom = cells - 1;
        double root = 1 - 2 / (9 * freedom) + Z * Math.sqrt(2 / (9 * freedom));
        return statistic / (freedom * root * root * root);
    }
}
