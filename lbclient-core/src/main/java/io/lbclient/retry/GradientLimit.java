package io.lbclient.retry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;

/** See {@link ConcurrencyLimits#gradient}. */
final class GradientLimit implements Limit {
    private static final VarHandle STATE;
    private static final int LONG_WINDOW = 600;
    private static final int WARM_UP = 10;
    /** Room for a short queue, without which the limit could not grow from 1. */
    private static final int QUEUE = 4;

    private static final double RECOVERY = 0.95;
    private static final double BACKOFF = 0.9;
    private static final int LEAST_SAMPLES = 10;
    private static final long WINDOW_NANOS = Duration.ofMillis(100).toNanos();

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(GradientLimit.class, "state", State.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Range range;
    private final double tolerance;
    private final double smoothing;
    private volatile State state;

    GradientLimit(Range range, double tolerance, double smoothing) {
        this.range = range;
        this.tolerance = tolerance;
        this.smoothing = smoothing;
        this.state = new State(range.initial(), LongRun.NONE, Window.NONE);
    }

    private record State(double limit, LongRun longRun, Window window) {}

    /** The usual latency: the mean of the first samples, then a moving average. */
    record LongRun(int count, double value) {
        static final LongRun NONE = new LongRun(0, 0);

        LongRun add(double sample, int window, int warmUp) {
            if (count < warmUp) {
                return new LongRun(count + 1, (value * count + sample) / (count + 1));
            }
            double factor = 2.0 / (window + 1);
            return new LongRun(count, value * (1 - factor) + sample * factor);
        }
    }

    /** The answers since the last step. */
    private record Window(long since, int count, double sum, int maxInFlight) {
        static final Window NONE = new Window(0, 0, 0, 0);

        Window add(long now, long latencyNanos, int inFlight) {
            return new Window(count == 0 ? now : since, count + 1, sum + latencyNanos, Math.max(maxInFlight, inFlight));
        }

        boolean isFull(long now) {
            return count >= LEAST_SAMPLES && now - since >= WINDOW_NANOS;
        }
    }

    @Override
    public int present() {
        return (int) state.limit;
    }

    @Override
    public int sample(long now, long latencyNanos, int inFlight, boolean dropped) {
        State before;
        State after;
        do {
            before = state;
            after = next(before, now, latencyNanos, inFlight, dropped);
        } while (!STATE.compareAndSet(this, before, after));
        return (int) after.limit;
    }

    private State next(State before, long now, long latencyNanos, int inFlight, boolean dropped) {
        if (dropped) {
            return new State(range.clamp(before.limit * BACKOFF), before.longRun, before.window);
        }
        if (latencyNanos <= 0) {
            return before;
        }
        Window window = before.window.add(now, latencyNanos, inFlight);
        if (!window.isFull(now)) {
            return new State(before.limit, before.longRun, window);
        }
        double shortRun = window.sum / window.count;
        LongRun longRun = before.longRun.add(shortRun, LONG_WINDOW, WARM_UP);
        double limit = step(before.limit, longRun.value, shortRun, window.maxInFlight);
        // After an overload the usual latency would be far too high, and hide the next one.
        LongRun kept = longRun.value / shortRun > 2 ? new LongRun(longRun.count, longRun.value * RECOVERY) : longRun;
        return new State(limit, kept, Window.NONE);
    }

    double step(double limit, double longRun, double shortRun, int inFlight) {
        if (inFlight < limit / 2) {
            return limit;
        }
        double gradient = Math.min(1, Math.max(0.5, tolerance * longRun / shortRun));
        return range.clamp(limit * (1 - smoothing) + (limit * gradient + QUEUE) * smoothing);
    }
}
