package io.lbclient.test.sim;

/** Which share of the attempts went to the servers with a fault, in steps of a tenth of a second. */
final class FaultRecord {
    private static final long STEP_NANOS = 100_000_000L;
    private static final int STEPS_PER_SECOND = 10;
    private static final double HEALED = 0.8;
    /** So many attempts at the healed servers must be expected in a window, or chance would decide. */
    private static final double ENOUGH = 40;

    private final int[] all;
    private final int[] toBad;
    private final int from;
    private final int until;
    private final double fair;

    FaultRecord(Scenario.Incident incident, Scenario scenario) {
        int steps = (int) (scenario.endNanos / STEP_NANOS) + 1;
        all = new int[steps];
        toBad = new int[steps];
        from = (int) (incident.fromNanos() / STEP_NANOS);
        until = (int) Math.min(steps, incident.untilNanos() / STEP_NANOS);
        fair = (double) incident.servers().size() / scenario.servers.size();
    }

    void attempt(boolean bad, long now) {
        int step = (int) (now / STEP_NANOS);
        if (step < all.length) {
            all[step]++;
            if (bad) {
                toBad[step]++;
            }
        }
    }

    double share(long afterNanos) {
        return share(from + (int) (afterNanos / STEP_NANOS), until);
    }

    private double share(int first, int end) {
        long sum = sum(all, first, end);
        return sum == 0 ? 0 : (double) sum(toBad, first, end) / sum;
    }

    private static long sum(int[] steps, int first, int end) {
        long sum = 0;
        for (int i = Math.max(0, first); i < Math.min(end, steps.length); i++) {
            sum += steps[i];
        }
        return sum;
    }

    double healSeconds() {
        int last = all.length - 1;
        double perStep = (double) sum(all, until, last) / Math.max(1, last - until);
        int window = Math.max(STEPS_PER_SECOND, (int) Math.ceil(ENOUGH / Math.max(1e-9, perStep * fair)));
        for (int end = until + 1; end <= last; end++) {
            if (share(end - window, end) >= HEALED * fair) {
                return (double) (end - until) / STEPS_PER_SECOND;
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    double overshoot() {
        double most = 0;
        int window = 5 * STEPS_PER_SECOND;
        for (int first = until; first <= until + window && first + window < all.length; first++) {
            most = Math.max(most, share(first, first + window) / fair);
        }
        return most;
    }
}
