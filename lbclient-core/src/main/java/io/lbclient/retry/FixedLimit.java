package io.lbclient.retry;

/** See {@link ConcurrencyLimits#fixed}. */
record FixedLimit(int present) implements Limit {
    @Override
    public int sample(long now, long latencyNanos, int inFlight, boolean dropped) {
        return present;
    }

    @Override
    public boolean isFixed() {
        return true;
    }
}
