package io.lbclient;

import java.util.Arrays;

/**
 * How the load is spread over failover tiers, in whole percent, and which tiers are in panic.
 *
 * <p>A tier's health is the healthy part of its servers times the overprovisioning factor, at most 100: with 1.4, up to
 * 28 of 100 servers can be out before load moves on. Each tier takes as much of the load as it has health, in order.
 * While the healths add up to less than 100 they are scaled up to it, and a tier whose healthy part is under the panic
 * threshold is in panic: it is taken to be misjudged, and all of its servers are picked. When every tier is in panic,
 * the load follows the number of servers. Integer arithmetic throughout, as in Envoy's priority load balancing, whose
 * tables it reproduces.
 */
final class TierLoads {
    final int[] percent;
    final boolean[] panic;

    private TierLoads(int[] percent, boolean[] panic) {
        this.percent = percent;
        this.panic = panic;
    }

    /** Takes the number of servers of each tier, how many are healthy, the factor and the threshold in percent. */
    static TierLoads of(int[] total, int[] healthy, int overprovisioningPercent, int panicThreshold) {
        int tiers = total.length;
        int[] health = new int[tiers];
        for (int i = 0; i < tiers; i++) {
            health[i] = total[i] == 0 ? 0 : (int) Math.min(100, (long) overprovisioningPercent * healthy[i] / total[i]);
        }
        int sum = Math.min(100, Arrays.stream(health).sum());
        boolean[] panic = new boolean[tiers];
        boolean allPanic = true;
        for (int i = 0; i < tiers; i++) {
            // Empty tiers cannot be misjudged. At a threshold of 0 a tier panics only when nothing else is left.
            boolean below = 100L * healthy[i] < (long) panicThreshold * total[i];
            panic[i] = sum < 100 && total[i] > 0 && (below || sum == 0);
            allPanic &= panic[i] || total[i] == 0;
        }
        return new TierLoads(allPanic ? byCount(total) : byHealth(health, sum), panic);
    }

    private static int[] byHealth(int[] health, int sum) {
        int[] load = new int[health.length];
        int left = 100;
        for (int i = 0; i < health.length && sum > 0; i++) {
            load[i] = Math.min(left, health[i] * 100 / sum);
            left -= load[i];
        }
        return withRemainder(load, left, health);
    }

    private static int[] byCount(int[] total) {
        int[] load = new int[total.length];
        int all = Arrays.stream(total).sum();
        int left = 100;
        for (int i = 0; i < total.length && all > 0; i++) {
            load[i] = (int) (100L * total[i] / all);
            left -= load[i];
        }
        return withRemainder(load, left, total);
    }

    /** What rounding left over goes to the first tier that has anything. */
    private static int[] withRemainder(int[] load, int left, int[] something) {
        for (int i = 0; i < load.length; i++) {
            if (something[i] > 0) {
                load[i] += left;
                break;
            }
        }
        return load;
    }
}
