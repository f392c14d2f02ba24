package io.lbclient.retry;

import java.util.concurrent.atomic.AtomicInteger;

/** See {@link ConcurrencyLimits#aimd}. */
final class AimdLimit implements Limit {
    private final Range range;
    private final double backoffRatio;
    private final long timeoutNanos;
    private final AtomicInteger limit;

    AimdLimit(Range range, double backoffRatio, long timeoutNanos) {
        this.range = range;
        this.backoffRatio = backoffRatio;
        this.timeoutNanos = timeoutNanos;
        this.limit = new AtomicInteger(range.initial());
    }

    @Override
    public int present() {
        return limit.get();
    }

    @Override
    public int sample(long now, long latencyNanos, int inFlight, boolean dropped) {
        int before;
        int after;
        do {
            before = limit.get();
            double wanted = before;
            if (dropped || latencyNanos > timeoutNanos) {
                wanted = (int) (before * backoffRatio);
            } else if (inFlight * 2L >= before) {
                // Only while it is used: a limit that nobody comes near would grow without having been tried.
                wanted = before + 1;
            }
            after = (int) range.clamp(wanted);
        } while (after != before && !limit.compareAndSet(before, after));
        return after;
    }
}
