package io.lbclient.balancer;

import java.util.Arrays;

/** What nginx's {@code ip_hash} and plain {@code hash} have in common: a number modulo the weights, gone through. */
abstract class NginxSlots extends SlotPlacement {
    private static final long MAX_TOTAL = 1L << 30;
    /** The finest relation of weights that are no multiples of the least one. */
    private static final double SCALE = 100;

    private static final double TOLERANCE = 1e-9;

    /** Sums of the weights up to each slot and with it. */
    private final long[] bounds;

    NginxSlots(Members members, Slots slots) {
        super(members, slots);
        bounds = whole(slots.weights());
        Arrays.parallelPrefix(bounds, Long::sum);
    }

    /** nginx knows whole weights only. Others are brought to the same relation as far as whole numbers can. */
    static long[] whole(double[] weights) {
        double least = Arrays.stream(weights).min().orElse(1);
        double greatest = Arrays.stream(weights).max().orElse(1);
        long[] whole = multiples(weights, 1);
        if (whole.length == 0) {
            whole = multiples(weights, least);
        }
        return whole.length > 0
                ? whole
                : Arrays.stream(weights)
                        .mapToLong(weight -> Math.max(1, Math.round(weight / greatest * SCALE)))
                        .toArray();
    }

    private static long[] multiples(double[] weights, double unit) {
        long[] whole = new long[weights.length];
        double sum = 0;
        for (int i = 0; i < whole.length; i++) {
            double quotient = weights[i] / unit;
            whole[i] = Math.round(quotient);
            sum += quotient;
            if (whole[i] == 0 || Math.abs(quotient - whole[i]) > TOLERANCE * quotient) {
                return new long[0];
            }
        }
        return sum > MAX_TOTAL ? new long[0] : whole;
    }

    @Override
    int owner(long place) {
        long turn = place % bounds[bounds.length - 1];
        int at = Arrays.binarySearch(bounds, turn);
        return slots.owner(at >= 0 ? at + 1 : -at - 1);
    }

    @Override
    int steps() {
        return MIN_STEPS;
    }
}
