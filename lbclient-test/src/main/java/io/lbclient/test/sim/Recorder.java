package io.lbclient.test.sim;

import io.lbclient.Outcome;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes down what happens in a run. */
final class Recorder {
    private static final double NANOS_PER_MILLI = 1e6;

    private final Scenario scenario;
    private final long[] attempts;
    private final boolean[] bad;
    private final @Nullable FaultRecord fault;
    private final @Nullable SecondsRecord seconds;
    private long[] times = new long[1 << 16];
    private int timed;
    private long requests;
    private long errors;
    private long answers;

    Recorder(Scenario scenario, boolean bySecond) {
        this.scenario = scenario;
        this.seconds = bySecond ? new SecondsRecord(scenario.servers.size()) : null;
        this.attempts = new long[scenario.servers.size()];
        this.bad = new boolean[attempts.length];
        Scenario.Incident first = scenario.incidents.size() == 1 ? scenario.incidents.get(0) : null;
        if (first != null && first.servers().size() < attempts.length) {
            first.servers().forEach(index -> bad[index] = true);
            fault = new FaultRecord(first, scenario);
        } else {
            fault = null;
        }
    }

    private boolean counts(long born) {
        return born >= scenario.warmUpNanos;
    }

    void request(long now) {
        if (counts(now)) {
            requests++;
        }
    }

    void attempt(int server, long now) {
        if (counts(now)) {
            attempts[server]++;
        }
        if (fault != null) {
            fault.attempt(bad[server], now);
        }
        if (seconds != null) {
            seconds.attempt(server, now);
        }
    }

    void answered(Visit visit) {
        if (counts(visit.born) && visit.outcome != Outcome.CONNECT_FAILURE) {
            answers++;
        }
    }

    void succeeded(Visit visit, long now) {
        if (seconds != null) {
            seconds.good(now);
            seconds.time(now - visit.born, now);
        }
        if (counts(visit.born)) {
            time(now - visit.born);
        }
    }

    void failed(Visit visit, boolean timedOut, long now) {
        if (seconds != null) {
            seconds.error(now);
            if (timedOut) {
                seconds.time(now - visit.born, now);
            }
        }
        if (counts(visit.born)) {
            errors++;
            if (timedOut) {
                time(now - visit.born);
            }
        }
    }

    private void time(long nanos) {
        if (timed == times.length) {
            times = Arrays.copyOf(times, 2 * timed);
        }
        times[timed++] = nanos;
    }

    Figures figures() {
        Arrays.sort(times, 0, timed);
        double sum = 0;
        for (int i = 0; i < timed; i++) {
            sum += times[i];
        }
        long most = Arrays.stream(attempts).max().orElse(0);
        double all = Arrays.stream(attempts).sum();
        return new Figures(
                requests,
                errors,
                sum / timed / NANOS_PER_MILLI,
                quantile(0.5),
                quantile(0.9),
                quantile(0.99),
                quantile(0.999),
                (double) answers / requests,
                most * attempts.length / all,
                fault == null ? Double.NaN : fault.share(0),
                fault == null ? Double.NaN : fault.share(1_000_000_000L),
                fault == null ? Double.NaN : fault.healSeconds(),
                fault == null ? Double.NaN : fault.overshoot());
    }

    private double quantile(double part) {
        return quantile(times, timed, part);
    }

    /** Of so many sorted times, in milliseconds. */
    static double quantile(long[] sorted, int count, double part) {
        return count == 0 ? Double.NaN : sorted[(int) Math.ceil(part * count) - 1] / NANOS_PER_MILLI;
    }

    List<Second> seconds() {
        return seconds == null ? List.of() : seconds.seconds();
    }
}
