package io.lbclient.test.sim;

import java.util.Arrays;

/** Draws keys of unequal popularity. */
final class Zipf {
    private final double[] upTo;

    Zipf(int keys, double exponent) {
        upTo = new double[keys];
        double sum = 0;
        for (int i = 0; i < keys; i++) {
            sum += 1 / StrictMath.pow(i + 1.0, exponent);
            upTo[i] = sum;
        }
    }

    int draw(Stream random) {
        int found = Arrays.binarySearch(upTo, random.nextDouble() * upTo[upTo.length - 1]);
        return Math.min(found < 0 ? -found - 1 : found, upTo.length - 1);
    }
}
