package io.lbclient.balancer;

/** Weights as a user may give them. */
enum Pattern {
    EQUAL,
    SKEWED,
    ONE_ZERO,
    ALL_ZERO,
    TINY,
    HUGE,
    TINY_AND_HUGE;

    double[] weights(int n) {
        double[] weights = new double[n];
        for (int i = 0; i < n; i++) {
            weights[i] = switch (this) {
                case EQUAL -> 1;
                case SKEWED -> 1 + i % 5;
                case ONE_ZERO -> i == n / 2 && n > 1 ? 0 : 1;
                case ALL_ZERO -> 0;
                case TINY -> Double.MIN_VALUE * (1 + i % 3);
                case HUGE -> 1e300 * (1 + i % 3);
                case TINY_AND_HUGE -> i % 2 == 0 ? Double.MIN_VALUE : 1e300;
            };
        }
        return weights;
    }
}
