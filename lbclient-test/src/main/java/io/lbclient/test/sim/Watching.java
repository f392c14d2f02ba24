package io.lbclient.test.sim;

import io.lbclient.LoadReport;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a server knows of its own load, as it would tell a prober, or report with its answers. */
final class Watching {
    /** Over which time utilisation and rates are averaged: a mean lifetime. */
    private static final double MEMORY_NANOS = 1e9;
    /** Latencies are kept for each number of requests in flight up to this one. */
    private static final int MOST_IN_FLIGHT = 256;
    /** An odd number, so that there is a median. */
    private static final int KEPT = 15;
    /** Older latencies say nothing, or a server that nobody asks for work would call itself slow for ever. */
    private static final long RECENT_NANOS = 5_000_000_000L;

    private final Strategy.Reports kind;
    private @Nullable LoadReport first;
    private final long[][] latencies = new long[MOST_IN_FLIGHT + 1][];
    private final long[][] times = new long[MOST_IN_FLIGHT + 1][];
    private final int[] seen = new int[MOST_IN_FLIGHT + 1];
    private final long[] lastSeen = new long[MOST_IN_FLIGHT + 1];
    private final long[] sorted = new long[KEPT];
    private double utilization;
    private double answers;
    private double failures;
    private long utilizationAt;
    private long ratesAt;

    Watching(Strategy.Reports kind) {
        this.kind = kind;
    }

    /** Called before the number of busy slots changes. */
    void busy(double share, long now) {
        double kept = StrictMath.exp((utilizationAt - now) / MEMORY_NANOS);
        utilization = share + (utilization - share) * kept;
        utilizationAt = now;
    }

    void answered(int inFlightThen, long latencyNanos, boolean good, long now) {
        fade(now);
        answers++;
        if (!good) {
            failures++;
        }
        int at = Math.min(inFlightThen, MOST_IN_FLIGHT);
        if (latencies[at] == null) {
            latencies[at] = new long[KEPT];
            times[at] = new long[KEPT];
        }
        int place = seen[at]++ % KEPT;
        latencies[at][place] = latencyNanos;
        times[at][place] = now;
        lastSeen[at] = now;
    }

    private void fade(long now) {
        double kept = StrictMath.exp((ratesAt - now) / MEMORY_NANOS);
        answers *= kept;
        failures *= kept;
        ratesAt = now;
    }

    /** The median of the last latencies at about this many in flight; 0 if none of the last seconds is known. */
    long latencyNanos(int inFlight, long now) {
        int at = Math.min(inFlight, MOST_IN_FLIGHT);
        for (int away = 0; away <= MOST_IN_FLIGHT; away++) {
            if (known(at - away, now)) {
                return median(at - away, now);
            }
            if (known(at + away, now)) {
                return median(at + away, now);
            }
        }
        return 0;
    }

    private boolean known(int at, long now) {
        return at >= 0 && at <= MOST_IN_FLIGHT && seen[at] > 0 && now - lastSeen[at] <= RECENT_NANOS;
    }

    private long median(int at, long now) {
        int recent = 0;
        for (int i = 0; i < Math.min(seen[at], KEPT); i++) {
            if (now - times[at][i] <= RECENT_NANOS) {
                sorted[recent++] = latencies[at][i];
            }
        }
        Arrays.sort(sorted, 0, recent);
        return sorted[recent / 2];
    }

    /** What goes with an answer; null if nothing does. */
    @Nullable LoadReport report(int inFlight, long now, long draws) {
        return switch (kind) {
            case NONE -> null;
            case HONEST -> honest(inFlight, now);
            case STALE -> {
                if (first == null) {
                    first = honest(inFlight, now);
                }
                yield first;
            }
            case ABSURD -> absurd(new Stream(draws));
        };
    }

    private LoadReport honest(int inFlight, long now) {
        fade(now);
        double perSecond = 1e9 / MEMORY_NANOS;
        return report(
                utilization, answers * perSecond, failures * perSecond, inFlight, latencyNanos(inFlight, now) / 1e9);
    }

    private static LoadReport absurd(Stream random) {
        return report(nonsense(random), nonsense(random), nonsense(random), nonsense(random), nonsense(random));
    }

    private static double nonsense(Stream random) {
        double[] values = {0, 1e-9, 1, 1e9, Double.MAX_VALUE, -1, Double.NaN, Double.POSITIVE_INFINITY};
        return values[random.nextInt(values.length)];
    }

    private static LoadReport report(double used, double rps, double eps, double inFlight, double latencySeconds) {
        Map<String, Double> metrics =
                Map.of("named_metrics.requests_in_flight", inFlight, "named_metrics.latency_seconds", latencySeconds);
        return new LoadReport(used, 0, 0, rps, eps, metrics);
    }
}
