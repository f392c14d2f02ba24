package io.lbclient.examples.shared;

/**
 * How one request ended, as the user saw it.
 *
 * @param dueNanos when it was to be sent
 * @param endNanos when it ended
 * @param server who answered; empty if nobody did, or the server does not say its name
 * @param error what went wrong; empty if nothing did
 * @param cut whether the answer had begun and its body broke off, which is an error too
 */
public record Answer(long dueNanos, long endNanos, String server, String error, boolean cut) {
    /**
     * Returns whether anything went wrong.
     *
     * @return whether there is an error
     */
    public boolean failed() {
        return !error.isEmpty();
    }

    /**
     * Returns how long the user waited.
     *
     * @return nanoseconds from when the request was due
     */
    public long latencyNanos() {
        return endNanos - dueNanos;
    }
}
