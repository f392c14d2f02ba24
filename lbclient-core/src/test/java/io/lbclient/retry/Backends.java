package io.lbclient.retry;

import io.lbclient.Outcome;

/** A service in simulated time: each server has a capacity, a queue, and a share of the requests that it fails. */
final class Backends {
    private final double[] queued;
    private final boolean[] failsFast;
    private final long[] refused;
    private final long[] seen;
    private double capacityPerTick;

    /** How long a request may wait for its turn before its client has given up. */
    private final double patienceTicks;

    Backends(int servers, double requestsPerSecond, double patienceMillis) {
        queued = new double[servers];
        failsFast = new boolean[servers];
        refused = new long[servers];
        seen = new long[servers];
        patienceTicks = patienceMillis;
        capacity(requestsPerSecond);
    }

    void capacity(double requestsPerSecond) {
        capacityPerTick = requestsPerSecond / 1000 / queued.length;
    }

    void failsFast(int server, boolean fails) {
        failsFast[server] = fails;
    }

    long seen(int server) {
        return seen[server];
    }

    long seen() {
        long sum = 0;
        for (long one : seen) {
            sum += one;
        }
        return sum;
    }

    /** A millisecond passes. */
    void tick() {
        for (int i = 0; i < queued.length; i++) {
            queued[i] = Math.max(0, queued[i] - capacityPerTick);
        }
    }

    /** Sends a request; it does its work even if nobody waits for it any more, which is what overload is made of. */
    Reply send(int server) {
        seen[server]++;
        if (failsFast[server]) {
            refused[server]++;
            return new Reply(Outcome.FAILURE, 1);
        }
        queued[server] += 1;
        double wait = queued[server] / capacityPerTick;
        return wait > patienceTicks
                ? new Reply(Outcome.TIMEOUT, (int) patienceTicks)
                : new Reply(Outcome.SUCCESS, 1 + (int) wait);
    }

    /** How a request will end, and after how many milliseconds. */
    record Reply(Outcome outcome, int millis) {}
}
