package io.lbclient.examples.demo;

/**
 * How one request ended, as the user saw it.
 *
 * @param dueNanos when it was to be sent
 * @param endNanos when it ended
 * @param server who answered; empty if nobody did
 * @param error what went wrong; empty if nothing did
 */
record Answer(long dueNanos, long endNanos, String server, String error) {
    boolean failed() {
        return !error.isEmpty();
    }

    long latencyNanos() {
        return endNanos - dueNanos;
    }
}
